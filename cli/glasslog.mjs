#!/usr/bin/env node
// The installed command. Glasslog runs on the Node.js release that its package brings along, so this
// launcher (plain JavaScript, for any Node.js >= 20) starts that one on the real program.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { memoryFlags } from './memory-flags.mjs'

const node = createRequire(import.meta.url).resolve('node/bin/node')
const main = fileURLToPath(new URL('./main.mjs', import.meta.url))
const args = process.argv.slice(2)
const child = spawn(node, [...memoryFlags(args[0]), main, ...args], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) =>
  process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']),
)
