// A blog, made by a function: tests have it without a port.
import { readFile } from 'node:fs/promises'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { posts } from './posts.js'

const here = path => new URL(path, import.meta.url)

export async function build (options) {
  const app = Fastify()
  await app.register(liveReload, {
    root: here('public/'),
    watch: here('views/'),
    ignore: ['*.md']
  })
  await app.register(posts, options)
  app.get('/', async (request, reply) => reply.type('text/html').send(await readFile(here('views/index.html'))))
  return app
}
