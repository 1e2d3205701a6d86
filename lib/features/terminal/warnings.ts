// Warns of what makes the server less safe than people think. It does so without a logger too.
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Settings } from '../../options/settings.js'
import { isLoopback } from '../../shared/navigation.js'
import { printable } from '../../shared/text.js'
import { describeOld } from './versions.js'

/** Packages are read when the start is over. */
const VERSIONS_DELAY_MS = 1000

export function warnAtStart (app: FastifyInstance, { assumed, security }: Pick<Settings, 'assumed' | 'security'>, log: FastifyBaseLogger): void {
  for (const host of security.unusableHosts) {
    log.warn(`live reload: LIVE_RELOAD_ALLOWED_HOSTS names "${printable(host, 100)}", which is left out: it must be host names such as dev.test or .dev.test, without scheme and port, separated by commas`)
  }
  let timer: NodeJS.Timeout | undefined
  app.addHook('onListen', async () => {
    timer = setTimeout(() => { for (const line of describeOld({ node: process.versions.node, fastify: app.version })) log.warn(line) }, VERSIONS_DELAY_MS).unref()
  })
  app.addHook('preClose', async () => clearTimeout(timer))
  if (!assumed) return
  app.addHook('onListen', async () => {
    // The address of a socket in the file system is a text.
    const open = app.addresses().flatMap(one => typeof one === 'object' ? one.address : []).find(address => !isLoopback(address))
    if (open === undefined) return
    log.warn(`live reload: on although NODE_ENV is not set, and the app listens on ${open}, where other machines reach it. On a server set NODE_ENV=production, which turns live reload off. For development set NODE_ENV=development or \`enabled: true\`, or listen on localhost`)
  })
}
