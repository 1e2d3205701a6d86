// The Dockerfile and the compose file are valid, and what they start works: the commands run here, without containers.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { validate } from 'dockerfile-utils'
import { test, type Test } from 'tap'
import { parse } from 'yaml'
import { copyExample, example, freePort, run } from '../support/example.js'
import { NAVIGATION, request } from '../support/http.js'
import { until } from '../support/wait.js'

interface Service {
  readonly build: { readonly context: string, readonly target: string }
  readonly command: string
  readonly environment: Record<string, string>
  readonly volumes: readonly string[]
  readonly ports: readonly string[]
  readonly healthcheck: { readonly test: readonly string[] }
}

const dockerfile = readFileSync(example('docker/Dockerfile'), 'utf8')
const { services: { app: service } } = parse(readFileSync(example('docker/compose.yaml'), 'utf8')) as { services: { app: Service } }

/** `["node", ...]` without its program: this Node runs it. */
function argumentsOf ([program, ...args]: readonly string[], t: Test): string[] {
  t.equal(program, 'node')
  return args
}

/** The JSON of the last instruction of that name. */
function instruction (name: string): string[] {
  const text = [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].at(-1)?.[1] as string
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}

test('Docker would take both files', t => {
  t.strictSame(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`), [])
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(match => match[1])
  t.strictSame(stages, ['base', 'development', 'production'], 'an image without a target is that of production')
  t.ok(stages.includes(service.build.target))
  t.strictSame(service.volumes, ['.:/app', '/app/node_modules'])
  t.match(service.ports[0], /^127\.0\.0\.1:/, 'only this machine reaches it')
  t.end()
})

test('development: the command of the compose file reloads pages, and its health check passes', async t => {
  const copy = copyExample(t, 'docker', ['fastify'])
  const port = await freePort()
  await run(t, argumentsOf(service.command.split(' '), t), { ...service.environment, HOST: '127.0.0.1', PORT: String(port) }, copy.path)
  t.match((await request(port, '/', { headers: NAVIGATION })).text, '/__live/client.js')
  t.equal((await request(port, '/', { headers: { ...NAVIGATION, Host: `app:${port}` } })).status, 200, 'another container may ask')

  const [kind, ...check] = service.healthcheck.test
  t.equal(kind, 'CMD')
  const args = argumentsOf(check, t)
  t.match(args.at(-1), ':3000/health', 'the port of the container')
  t.equal(spawnSync(process.execPath, args.map(text => text.replace(':3000/', `:${port}/`))).status, 0)

  copy.write('public/index.html', readFileSync(copy.at('public/index.html'), 'utf8').replace('In a', 'Within a'))
  await until(async () => (JSON.parse((await request(port, '/__live/health')).text) as { seq: number }).seq > 0, 'the edit is told')
})

test('production: the image serves without live reload, and says whether it lives', async t => {
  const copy = copyExample(t, 'docker', ['fastify'])
  const port = await freePort()
  await run(t, argumentsOf(instruction('CMD'), t), { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port) }, copy.path)
  const page = await request(port, '/', { headers: NAVIGATION })
  t.equal(page.status, 200)
  t.notMatch(page.text, '__live')
  t.equal((await request(port, '/__live/health')).status, 404)
  const [, healthCheck = ''] = /^HEALTHCHECK .*?CMD (\[.*\])$/m.exec(dockerfile) ?? []
  const check = (at: number) => spawnSync(process.execPath, argumentsOf(JSON.parse(healthCheck) as string[], t), { env: { PORT: String(at) } }).status
  t.equal(check(port), 0)
  t.equal(check(await freePort()), 1, 'nobody is there')
})
