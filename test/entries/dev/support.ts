// What the tests of `fastify-live-reload/dev` change in their own process, until they end.
import dns from 'node:dns'
import { delimiter } from 'node:path'
import type { Test } from 'tap'

/** Programs are looked for in these folders alone. */
export function searchPrograms (t: Test, ...folders: readonly string[]): void {
  const { PATH } = process.env
  process.env.PATH = folders.join(delimiter)
  t.teardown(() => { process.env.PATH = PATH })
}

/** `localhost` has an address of each kind, as /etc/hosts of most machines has it. */
export function doubleLocalhost (t: Test): void {
  const both = [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }]
  const { lookup } = dns
  const { lookup: lookupLater } = dns.promises
  t.teardown(() => Object.assign(dns, { lookup }))
  t.teardown(() => Object.assign(dns.promises, { lookup: lookupLater }))
  Object.assign(dns.promises, { lookup: async () => both })
  Object.assign(dns, {
    lookup (name: string, ...rest: unknown[]) {
      const [options, done] = [rest.length > 1 ? rest[0] : {}, rest.at(-1)] as [dns.LookupOptions, (...args: unknown[]) => void]
      if (name !== 'localhost') Reflect.apply(lookup, dns, [name, ...rest])
      else if (options.all) done(null, both)
      else done(null, '127.0.0.1', 4)
    }
  })
}
