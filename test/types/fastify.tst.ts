// What registering adds to Fastify's own types.
import Fastify from 'fastify'
import { expect, test } from 'tstyche'
import liveReload, { type BuildResult, type LiveReload, type LiveReloadStatus } from '../../lib/index.js'

const app = Fastify()

test('registering takes the options', () => {
  expect(app.register).type.toBeCallableWith(liveReload)
  expect(app.register).type.toBeCallableWith(liveReload, { root: 'public', watch: ['views'] })
  expect(app.register).type.not.toBeCallableWith(liveReload, { root: 1 })
  expect(app.register).type.not.toBeCallableWith(liveReload, { rot: 'public' })
})

test('app.liveReload is there', () => {
  expect(app.liveReload).type.toBe<LiveReload>()
  expect(app.liveReload.clients).type.toBe<number>()
  expect(app.liveReload.build('docs')).type.toBe<Promise<BuildResult[]>>()
  expect(app.liveReload.status()).type.toBe<LiveReloadStatus>()
  expect(app.liveReload.status().watch.state).type.toBe<'ok' | 'degraded' | 'polling' | 'failed'>()
  expect(app.liveReload.tag()).type.toBe<string>()
  expect(app.liveReload.reload).type.toBeCallableWith(['a.html'])
})

test('events are typed by name, and undone', () => {
  const undo = app.liveReload.on('build:end', ({ name, result }) => {
    expect(name).type.toBe<string>()
    expect(result).type.toBe<BuildResult | undefined>()
  })
  expect(undo).type.toBe<() => void>()
  app.liveReload.on('change', ({ source, changes }) => {
    expect(source).type.toBe<'input' | 'output' | 'watch' | 'plugin'>()
    expect(changes[0]?.type).type.toBe<'create' | 'update' | 'delete' | undefined>()
  })
  expect(app.liveReload.on).type.not.toBeCallableWith('no such event', () => {})
})

test('a route switches itself off', () => {
  expect(app.get).type.toBeCallableWith('/', { config: { liveReload: false } }, async () => 'x')
  expect(app.get).type.not.toBeCallableWith('/', { config: { liveReload: 'no' } }, async () => 'x')
})
