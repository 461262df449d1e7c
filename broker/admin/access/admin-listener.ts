/** The admin port's name where listeners have one: in records of the history, and in events. */
export const ADMIN_LISTENER = 'ADMIN'
