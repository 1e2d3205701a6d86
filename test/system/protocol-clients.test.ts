// Clients of other languages: curl, and those of docs/protocol.md and README.md as they stand there.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { systemProgram } from '../setup/system-program.js'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { page } from '../support/page.js'
import { onPosix } from '../support/system.js'
import { until } from '../support/wait.js'

test('curl reads the event stream: `hello`, then `reload` after a save', async t => {
  const { write, path: root } = folder(t, { 'index.html': page('before') })
  const { app, url } = await startApp(t, { root })
  const curl = spawn(systemProgram('curl'), ['-sN', `${url}/__live/events`], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => curl.kill())
  let text = ''
  curl.stdout.on('data', chunk => { text += String(chunk) })
  await until(() => app.liveReload.clients === 1, 'curl is connected')
  write('index.html', page('after'))
  await until(() => /event: reload\n.*\n.*\n\n/.test(text), 'the reload')
  t.match(text, /\nevent: hello\nid: [\w-]+:0\ndata: \{"epoch":.*\}\n\n/)
  t.match(text, /\nevent: reload\nid: [\w-]+:1\ndata: \{"files":\["\/index.html"\],"seq":1,"paths":\[.*index\.html"\]\}\n\n/)
})

const CLIENTS = [
  ['docs/protocol.md', 'python', 'python3', 'python3', 'reload\n'],
  ['docs/protocol.md', 'sh', 'sh', 'curl', 'reload\n'],
  ['README.md', 'sh', 'sh', 'curl', 'event: reload\n']
] as const

for (const [document, language, program, needed, line] of CLIENTS) {
  test(`the client in ${language} of ${document} prints a line after a save`, onPosix, async t => {
    const blocks = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))
    const code = [...blocks].map(([, block = '']) => block).find(block => block.includes('/__live/events')) ?? ''
    t.match(code, 'localhost:3000')
    systemProgram(needed)
    const { write, path: root } = folder(t, { 'index.html': page('before') })
    const { app, port } = await startApp(t, { root })
    const child = spawn(program, ['-c', code.replace('localhost:3000', `127.0.0.1:${port}`)], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => { process.kill(-(child.pid as number), 'SIGKILL') })
    let text = ''
    child.stdout.on('data', chunk => { text += String(chunk) })
    await until(() => app.liveReload.clients === 1, 'the client is connected')
    write('index.html', page('after'))
    await until(() => text.length >= line.length, 'a line')
    t.equal(text, line)
  })
}
