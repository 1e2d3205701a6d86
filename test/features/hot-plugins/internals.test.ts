// What is read of Fastify's internals: known ones, and a Fastify that has changed.
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import { findFactory } from '../../../lib/features/hot-plugins/graft/factory.js'
import { Internals, readInternals, TABLE } from '../../../lib/features/hot-plugins/graft/internals.js'
import liveReload from '../../../lib/index.js'
import { folder } from '../../support/folder.js'
import '../../support/preload.js'

/** As a plugin gets it. In an object, because an app can be awaited. */
async function started (): Promise<{ app: FastifyInstance }> {
  const app = Fastify()
  await app.after()
  return { app }
}

/** An app on which an internal is missing, or is not what it was. */
async function altered (description: string, value?: unknown): Promise<{ app: FastifyInstance }> {
  const { app } = await started()
  const symbol = Object.getOwnPropertySymbols(app).find(one => one.description === description) as symbol
  const unknown = Object.create(app, { [symbol]: { value } }) as FastifyInstance
  return { app: value === undefined ? new Proxy(app, { ownKeys: target => Reflect.ownKeys(target).filter(key => key !== symbol) }) : unknown }
}

test('every internal of the table is found, and a missing or changed one is named', async t => {
  t.ok(readInternals((await started()).app) instanceof Internals)
  for (const [name, { symbol, optional }] of Object.entries(TABLE)) {
    const found = readInternals((await altered(symbol)).app)
    t.match(found, optional ? Internals : `Symbol(${symbol}) is missing`, `${name} is missing`)
  }
  for (const name of ['hooks', 'options', 'children', 'request', 'parsers', 'schemas', 'notFound', 'methods', 'plugins'] as const) {
    t.equal(readInternals((await altered(TABLE[name].symbol, 5)).app), `Symbol(${TABLE[name].symbol}) has an unknown shape`, `${name} is another`)
  }
})

test('the package that made the app is found, and no other', async t => {
  const { app } = await started()
  t.equal(await findFactory(readInternals(app) as Internals), Fastify)
  const strange = new Internals(new Map([['hooks', Symbol('fastify.hooks')]]))
  t.equal(await findFactory(strange), undefined)
})

test('on an unknown Fastify plugins are registered once, with one warning, and not reloaded', async t => {
  const { at } = folder(t, { 'package.json': '{ "type": "module" }', 'plugins/a.js': "export default async fastify => { fastify.get('/a', async () => 'a' + fastify.hot.version) }\n" })
  const lines: string[] = []
  const app = Fastify({ logger: { stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  const symbol = Object.getOwnPropertySymbols(app).find(one => one.description === 'fastify.schemaController') as symbol
  const controller = Reflect.get(app, symbol) as { compilersFactory: unknown }
  const { compilersFactory } = controller
  controller.compilersFactory = undefined
  await app.register(liveReload, { plugins: { dir: at('plugins') } })
  controller.compilersFactory = compilersFactory
  await app.ready()
  t.equal((await app.inject('/a')).body, 'a1')
  t.strictSame(app.liveReload.plugins.list(), [])
  t.strictSame(lines.filter(line => /not reloaded: Fastify 5\.\d+\.\d+ is not known \(Symbol\(fastify\.schemaController\) has an unknown shape\)/.test(line)).length, 1)
})
