/** Families that default alarm rules read and that are only there in some set-ups, each with the reason. */
export const RARE_FAMILIES: ReadonlyMap<string, string> = new Map([])
