import { test } from 'tap'
import { createGate, type GateRequest } from '../../lib/broadcast/gate.js'
import { allowed, changes, hosts, originsOf, sites } from './gate-requests.js'

const token = 'the-token-of-this-process'
const gate = createGate({ ...allowed, token })

function request (host: string | string[] | undefined, headers: Record<string, string> = {}, given?: string): GateRequest {
  const hosts = host === undefined ? [] : [host].flat()
  return {
    headers: { ...(hosts[0] !== undefined && { host: hosts[0] }), ...headers },
    rawHeaders: hosts.flatMap(value => ['Host', value]),
    url: '/',
    ...(given !== undefined && { token: given })
  }
}

const codeOf = (verdict: { ok: true } | { ok: false, status: number, message: string }) => verdict.ok ? 200 : verdict.status

test('host', async t => {
  for (const [host, status, why] of hosts) t.equal(codeOf(gate.host(request(host))), status, `${String(host)}: ${why}`)
  t.match(gate.host(request('evil.test')), { message: /evil\.test is not allowed.*allowedHosts: \['evil\.test'\]/ }, 'says the line to add')
  t.equal(codeOf(gate.host(request('evil.test', { 'x-forwarded-host': 'localhost' }))), 403, 'only the raw header counts')
  t.equal(codeOf(gate.host({ headers: { ':authority': 'evil.test' }, url: '/', rawHeaders: [] })), 403, 'HTTP/2')
  t.equal(codeOf(gate.host({ headers: { ':authority': 'localhost:3000' }, url: '/', rawHeaders: [] })), 200, 'HTTP/2')
  t.equal(codeOf(gate.host({ ...request('localhost'), url: 'http://evil.test/' })), 400, 'absolute form')
})

test('origin', async t => {
  for (const [host, origin, given, status, why] of originsOf(token)) {
    t.equal(codeOf(gate.enter(request(host, { origin }, given))), status, `${origin.slice(0, 40)} at ${host}: ${why}`)
  }
  t.match(gate.enter(request('localhost', { origin: "http://x'\u001b[31m" })), { message: /http:\/\/x\?\[31m is not allowed.*allowedOrigins/ }, 'nothing a terminal would act on')
  const { message } = gate.enter(request('localhost', { origin: 'null' })) as { readonly message: string }
  t.match(message, 'the origin null is not allowed')
  t.notMatch(message, 'allowedOrigins', 'no advice that the option would refuse')
  t.equal(codeOf(gate.enter({ headers: { host: 'localhost', origin: ['http://a.test', 'http://localhost'] }, url: '/', rawHeaders: [] })), 403, 'two origins')
})

test('what the browser says of a request: Sec-Fetch-Site', async t => {
  for (const [host, headers, status, why] of sites) t.equal(codeOf(gate.enter(request(host, headers))), status, `${JSON.stringify(headers)} at ${host}: ${why}`)
})

test('who may change something', async t => {
  for (const [host, headers, carries, status, why] of changes) {
    t.equal(codeOf(gate.change(request(host, headers, carries ? token : undefined))), status, `${JSON.stringify(headers)} at ${host}: ${why}`)
  }
  t.equal(codeOf(gate.change(request('localhost', {}, 'guess'))), 403)
})
