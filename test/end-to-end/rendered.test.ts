// Rendered pages in real Chromium: they reload when what they were made from changes.
import { readFileSync } from 'node:fs'
import view from '@fastify/view'
import ejs from 'ejs'
import type { FastifyReply } from 'fastify'
import type { Page } from 'playwright-core'
import { test } from 'tap'
import { viewFiles } from '../../lib/entries/views/index.js'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient, marker?: boolean } }

test('an edit of a template reloads the tabs of its pages, what nobody has named reloads all', async t => {
  const { at, write } = folder(t, { 'views/c.ejs': "<!doctype html><title>c</title><link rel=icon href=data:,><%- include('shared.txt') %>", 'views/a.txt': 'a1', 'views/b.txt': 'b1', 'views/shared.txt': 's1', 'views/other.txt': 'o1' })
  const send = (reply: FastifyReply, names: readonly string[], isNamed = true) => {
    if (isNamed) reply.liveReload.uses(...names.map(name => at(`views/${name}.txt`)))
    return reply.type('text/html').send(html(names.map(name => readFileSync(at(`views/${name}.txt`), 'utf8')).join(' ')))
  }
  const { url } = await startApp(t, { watch: at('views'), client: { hidden: 'reload' } }, {
    before: async app => { await app.register(view, { engine: viewFiles(app, { ejs }), root: at('views') }) },
    after: app => {
      app.get('/a', (_, reply) => send(reply, ['a', 'shared']))
      app.get('/b', (_, reply) => send(reply, ['b', 'shared']))
      app.get('/view', (_, reply) => reply.view('c.ejs', {}))
      app.get('/silent', (_, reply) => send(reply, ['shared'], false))
    }
  })
  const tabs: Page[] = []
  for (const path of ['/a', '/b', '/view', '/silent']) {
    const tab = await page(t)
    await tab.goto(url + path)
    await tab.waitForFunction(() => window.__liveReload?.state === 'open')
    tabs.push(tab)
  }
  /** Which tabs reload with a save, in the order above, and what they show then. */
  const save = async (name: string, content: string, seq: number) => {
    for (const tab of tabs) await tab.evaluate(() => { window.marker = true })
    write(`views/${name}.txt`, content)
    return await Promise.all(tabs.map(async tab => {
      const seen = () => tab.evaluate(() => window.__liveReload?.state === 'open' ? { seq: window.__liveReload.seq, stays: window.marker === true, text: document.body.innerText } : undefined).catch(() => undefined)
      await until(async () => (await seen())?.seq === seq, `change ${seq}`)
      const { stays, text } = await until(seen, 'the page')
      return `${stays ? 'stays' : 'reloads'} ${text}`
    }))
  }
  t.same(await save('a', 'a22', 1), ['reloads a22 s1', 'stays b1 s1', 'stays s1', 'reloads s1'])
  t.same(await save('shared', 's22', 2), ['reloads a22 s22', 'reloads b1 s22', 'reloads s22', 'reloads s22'])
  t.same(await save('b', 'b22', 3), ['stays a22 s22', 'reloads b22 s22', 'stays s22', 'reloads s22'])
  t.same(await save('other', 'o22', 4), ['reloads a22 s22', 'reloads b22 s22', 'reloads s22', 'reloads s22'])
})
