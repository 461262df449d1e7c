import type { Board } from '../board/board.ts'
import { clients } from './clients.ts'
import { groups } from './groups.ts'
import { monitor } from './monitor.ts'
import { overview } from './overview.ts'
import { security } from './security.ts'
import { storage } from './storage.ts'
import { topics } from './topics.ts'

/** All of our boards, from the one that one looks at first. */
export const BOARDS: readonly Board[] = [
  overview,
  topics,
  groups,
  clients,
  storage,
  security,
  monitor,
]
