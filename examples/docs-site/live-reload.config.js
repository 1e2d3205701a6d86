// The options of the plugin: for the app, and for `npx fastify-live-reload build`, which needs no server.
import { fileURLToPath } from 'node:url'
import { docsSite } from './site.js'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const { DOCS_ROOT = at('../..'), OUT_DIR = at('dist'), CACHE_DIR = at('.cache'), BASE_URL } = process.env
const { builder, sources } = docsSite({ root: DOCS_ROOT, out: OUT_DIR, cache: CACHE_DIR, baseUrl: BASE_URL })

export default {
  root: { path: OUT_DIR, extensions: ['html'] },
  build: { name: 'docs', source: sources, builder }
}
