/** Names of our boards in links. They stay: bookmarks and alerts hold on to them. */
export const BOARD = {
  overview: 'glasslog-overview',
  topics: 'glasslog-topics',
  groups: 'glasslog-groups',
  clients: 'glasslog-clients',
  storage: 'glasslog-storage',
  security: 'glasslog-security',
  monitor: 'glasslog-monitor',
} as const
