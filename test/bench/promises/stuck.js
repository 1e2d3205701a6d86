// A build that begins and does not end, once the file it is made from names another one: that one is written when it has begun.
// As the module of an isolated build it loops, and has started a program that would outlive it; as a command it ignores SIGTERM.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Never settles, if it is told where to say that it has begun. */
export async function begin (path) {
  const sign = readFileSync(path, 'utf8')
  if (sign === '') return
  writeFileSync(sign, String(process.pid))
  await new Promise(() => {})
}

export default ({ changed: [path] }) => {
  if (path === undefined) return
  const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
  writeFileSync(readFileSync(path, 'utf8'), String(pid))
  for (;;);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
  if (readFileSync(process.argv[2], 'utf8') === '') process.exit()
  await begin(process.argv[2])
}
