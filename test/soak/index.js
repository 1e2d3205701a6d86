// npm run soak [-- minutes] [--tabs=1000]: so many sockets and as many streams on one app, while everything happens to it. Fails when a change is lost or a rejection unhandled.
import { loadavg } from 'node:os'
import { createFolders } from '../bench/files.js'
import { reportOf } from './report.js'
import { soak } from './soak.js'

const given = process.argv.slice(2)
const wrong = given.filter(argument => !/^\d+(\.\d+)?$|^--tabs=\d+$/.test(argument))
if (wrong.length > 0) {
  process.stderr.write(`${wrong.join(' ')}: expected minutes, and --tabs=NUMBER\n`)
  process.exit(2)
}
const minutes = Number(given.find(argument => !argument.startsWith('-')) ?? 1)
const tabs = Number(given.find(argument => argument.startsWith('--tabs='))?.slice(7) ?? 1000)

const print = text => process.stdout.write(`${text}\n`)
const folders = createFolders()
try {
  const result = await soak({ ms: minutes * 60_000, tabs, path: folders.make(), print })
  print(`\n${reportOf(result)}\n\nNode ${process.versions.node}, load ${loadavg().map(load => load.toFixed(1)).join(', ')}`)
  process.exitCode = result.lost > 0 || result.unhandled > 0 ? 1 : 0
} finally {
  folders.remove()
}
