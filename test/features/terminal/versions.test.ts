// Old versions of what the plugin stands on: each is named, with the release that mends it.
import { join } from 'node:path'
import { test } from 'tap'
import { describeOld } from '../../../lib/features/terminal/versions.js'
import { isOlder } from '../../../lib/shared/text.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'

test('versions', t => {
  for (const [version, floor, older] of [['1.2.3', '1.2.3', false], ['1.2.3', '1.2.4', true], ['1.10.0', '1.9.9', false], ['2.0.0', '1.9.9', false], ['0.9.0', '1', true], ['15', '15.0.0', false], ['16.0.0-rc.1', '16.0.0', false]] as const) t.equal(isOlder(version, floor), older, `${version}, ${floor}`)
  t.end()
})

test('packages and Node.js below their floors are named, with what to run', t => {
  const pack = (version: unknown) => JSON.stringify({ version, main: 'index.js' })
  const installed = (fileServer: unknown, ws: string) => join(folder(t, {
    'node_modules/@fastify/static/package.json': pack(fileServer),
    'node_modules/@fastify/websocket/package.json': pack('11.3.6'),
    'node_modules/@fastify/websocket/index.js': '',
    'node_modules/@fastify/websocket/node_modules/ws/package.json': pack(ws),
    'node_modules/ws/package.json': pack('8.22.0')
  }).path, 'index.js')
  t.strictSame(describeOld({ node: '20.11.1', fastify: '5.6.1', from: installed('10.1.10', '8.18.0') }), [
    'live reload: this is Node.js 20.11.1; the plugin needs 20.19.0 or newer',
    'live reload: packages with known vulnerabilities: fastify 5.6.1 (5.8.5 or newer), @fastify/static 10.1.10 (10.1.11 or newer), ws 8.18.0 (8.23.0 or newer); run npm update fastify @fastify/static ws'
  ])
  t.strictSame(describeOld({ node: '22.0.0', fastify: '6.0.0', from: installed(5, '8.23.1') }), [], 'a package that cannot be read is not judged')
  t.end()
})

test('the app is told after its start, and here nothing is old', async t => {
  const own = await startApp(t, {})
  const { lines } = await startApp(t, {}, { before: app => Object.defineProperty(app, 'version', { value: '5.2.0' }) })
  await until(() => lines.some(line => line.includes('known vulnerabilities')), 'the warning')
  t.match(lines.filter(line => line.includes('known vulnerabilities')), [/fastify 5\.2\.0 \(5\.8\.5 or newer\); run npm update fastify"/])
  t.notMatch(own.lines.join(''), /vulnerabilities|this is Node/, 'started before')
})
