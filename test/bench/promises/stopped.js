// 30,000 files made while the server is stopped: more than the system keeps events of. A bare client is told, and the index is whole again.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listen, start } from '../children.js'
import { now, pause, show } from '../measure.js'

const LATE = 30_000

/** @param {import('../index.js').Run} run */
export async function stopped ({ folders, quick }) {
  const many = quick ? 200 : 30_000
  const found = { told: [], right: [], later: [] }
  for (let round = 0; round < (quick ? 1 : 4); round++) {
    const root = folders.make({ 'page.html': '<!doctype html><title>page</title>' })
    const server = await start('live', root, {}, 'promises/server.js')
    let told = []
    const hangUp = await listen(server.socket, at => told.push(at))
    server.child.kill('SIGSTOP')
    for (let i = 0; i < many; i++) {
      const directory = join(root, String(i % 100))
      if (i < 100) mkdirSync(directory)
      writeFileSync(join(directory, `${i}.html`), 'x')
    }
    const began = now()
    server.child.kill('SIGCONT')
    const right = async () => {
      const { ok, watch } = await (await fetch(`${server.url}/__live/health`)).json()
      return ok && watch.state === 'ok' && watch.files === many + 1
    }
    found.right.push(await until(right) - began)
    found.told.push(await until(() => told.length > 0) && (told[0] ?? Infinity) - began)
    while (now() - (told.at(-1) ?? began) < (quick ? 100 : 500)) await pause(20)
    told = []
    const saved = now()
    writeFileSync(join(root, '77', '77.html'), 'later')
    await until(() => told.length > 0)
    found.later.push((told[0] ?? Infinity) - saved)
    hangUp()
    await server.stop()
    // Many times faster than `rmSync`.
    execFileSync('rm', ['-rf', root])
  }
  const title = `${show(many)} files made while the server was stopped`
  return [
    { promise: `${title}: a client is told`, bound: 'it is', most: LATE, values: found.told },
    { promise: 'the same: all are in the index, and the status is ok', bound: 'it is', most: LATE, values: found.right },
    { promise: 'the same: a client is told of a later edit', bound: 'it is', most: LATE, values: found.later }
  ]
}

/** When it was so; Infinity if that never came. */
async function until (check) {
  for (const end = now() + LATE; now() < end; await pause(20)) if (await check()) return now()
  return Infinity
}
