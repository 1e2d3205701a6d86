// The URLs of an app, by the host it listens on and the interfaces of the machine.
import type { NetworkInterfaceInfo } from 'node:os'
import { test } from 'tap'
import { urlsOf } from '../../../lib/entries/dev/addresses.js'

const one = (address: string, internal = false) => ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo

test('local and network', t => {
  const interfaces = { lo: [one('127.0.0.1', true), one('::1', true)], eth0: [one('fe80::1'), one('2001:db8::5'), one('192.168.1.5')], wlan0: [one('169.254.7.7'), one('10.0.0.2')], gone: undefined }
  const urls = (host: string, scheme: 'http' | 'https' = 'http') => urlsOf(scheme, host, 3141, interfaces)
  t.strictSame(urls('localhost'), { local: 'http://localhost:3141', network: [] })
  t.strictSame(urls('app.localhost', 'https'), { local: 'https://app.localhost:3141', network: [] })
  t.strictSame(urls('127.0.0.1'), { local: 'http://127.0.0.1:3141', network: [] })
  t.strictSame(urls('::1'), { local: 'http://[::1]:3141', network: [] })
  t.strictSame(urls('192.168.1.5'), { local: 'http://192.168.1.5:3141', network: ['http://192.168.1.5:3141'] })
  t.strictSame(urls('0.0.0.0'), { local: 'http://localhost:3141', network: ['http://192.168.1.5:3141', 'http://10.0.0.2:3141'] })
  t.strictSame(urls('::'), { local: 'http://localhost:3141', network: ['http://192.168.1.5:3141', 'http://10.0.0.2:3141', 'http://[2001:db8::5]:3141'] })
  t.type(urlsOf('http', '0.0.0.0', 80).network, Array, 'those of this machine')
  t.end()
})
