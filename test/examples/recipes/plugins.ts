// Plugins of Fastify that keep something of a visitor, look at requests, or serve pages of their own.
import { type Edit, lines, type Recipe, restyle, sendPage, server, STYLE } from './recipe.js'

/** A condition in the page: all of this is in its text. */
const says = (...words: readonly string[]): string => words.map(word => `document.body.innerText.includes(${JSON.stringify(word)})`).join(' && ')

const FILES = { 'package.json': '{ "type": "module" }', 'views/word.txt': 'First word', 'views/note.txt': 'First note', 'public/style.css': STYLE }
const READ = ["import { readFileSync } from 'node:fs'"]
const LIVE = "await app.register(liveReload, { root: 'public', watch: 'views' })"
const TEXT = "${readFileSync('views/word.txt', 'utf8')} ${readFileSync('views/note.txt', 'utf8')}" // eslint-disable-line no-template-curly-in-string

/** Counts visits, and says something at the next one. */
const VISITS = [
  "app.get('/', (request, reply) => {",
  "  const visit = (request.session.get('visits') ?? 0) + 1",
  "  request.session.set('visits', visit)",
  "  const said = reply.flash('note')",
  "  if (visit === 1) request.flash('note', 'saved')",
  `  return ${sendPage(`<h1>First code</h1> visit \${visit}, said: \${said}; ${TEXT}`)}`,
  '})'
]
const EDITS_OF_VISITS: Recipe['edits'] = [
  { file: 'views/word.txt', from: 'First word', to: 'Other word', shows: says('visit 2, said: saved;', 'Other word'), how: 'reload' },
  { file: 'views/note.txt', from: 'First note', to: 'Other note', shows: says('visit 3, said: ;', 'Other note'), how: 'reload' },
  restyle()
]

/** Pages that are rendered by a server that starts again. `and`: what holds after each load. */
const rendered = (and = 'true'): readonly [Edit, ...Edit[]] => [
  { file: 'views/word.txt', from: 'First word', to: 'Other word', shows: `${says('Other word')} && ${and}`, how: 'reload' },
  restyle(),
  { file: 'server.js', from: 'First code', to: 'Other code', shows: `${says('Other code')} && ${and}`, how: 'restart' }
]

/** A form that its page sends by itself. */
const SEND = "<p>nothing sent</p><script>fetch('/', { method: 'POST', body: new FormData(document.querySelector('form')) }).then(async answer => { document.querySelector('p').textContent = await answer.text() })</script>"

export const PLUGINS: readonly Recipe[] = [
  {
    name: '@fastify/session with @fastify/flash',
    files: {
      ...FILES,
      'server.js': server([...READ, "import cookie from '@fastify/cookie'", "import flash from '@fastify/flash'", "import session from '@fastify/session'"], [
        'await app.register(cookie)',
        "await app.register(session, { secret: 'a secret with more than thirty-two characters', cookie: { secure: false } })",
        'await app.register(flash)',
        LIVE,
        ...VISITS
      ])
    },
    start: 'node server.js',
    edits: EDITS_OF_VISITS
  },
  {
    name: '@fastify/secure-session',
    files: {
      ...FILES,
      'server.js': server([...READ, "import flash from '@fastify/flash'", "import session from '@fastify/secure-session'"], [
        "await app.register(session, { secret: 'a secret with more than thirty-two characters', salt: 'sixteen letters!', cookie: { path: '/' } })",
        'await app.register(flash)',
        LIVE,
        ...VISITS
      ])
    },
    start: 'node --watch server.js',
    edits: [...EDITS_OF_VISITS, { file: 'server.js', from: 'First code', to: 'Other code', shows: says('visit 4, said: ;', 'Other code'), how: 'restart' }]
  },
  {
    name: '@fastify/csrf-protection with @fastify/multipart',
    files: {
      ...FILES,
      'server.js': server([...READ, "import cookie from '@fastify/cookie'", "import csrf from '@fastify/csrf-protection'", "import multipart from '@fastify/multipart'"], [
        'await app.register(cookie)',
        'await app.register(csrf, { getToken: request => request.body?._csrf?.value })',
        'await app.register(multipart, { attachFieldsToBody: true })',
        LIVE,
        `app.get('/', (request, reply) => ${sendPage(`<h1>Form</h1><form><input name="_csrf" value="\${reply.generateCsrf()}"><input name="text" value="${TEXT}"></form>${SEND}`)})`,
        "app.post('/', { preHandler: app.csrfProtection }, async request => 'sent: ' + request.body.text.value)"
      ])
    },
    start: 'node server.js',
    edits: [
      { file: 'views/word.txt', from: 'First word', to: 'Other word', shows: says('sent: Other word'), how: 'reload' },
      restyle()
    ]
  },
  {
    name: '@fastify/under-pressure',
    files: {
      ...FILES,
      'server.js': server([...READ, "import underPressure from '@fastify/under-pressure'"], [
        "await app.register(underPressure, { maxEventLoopDelay: 5000, exposeStatusRoute: '/alive' })",
        LIVE,
        `app.get('/', (request, reply) => ${sendPage(`<h1>First code</h1> ${TEXT}`)})`
      ])
    },
    start: 'node --watch server.js',
    edits: rendered()
  },
  {
    name: '@fastify/helmet',
    files: {
      ...FILES,
      'server.js': server([...READ, "import helmet from '@fastify/helmet'"], [
        'await app.register(helmet)',
        LIVE,
        `app.get('/', (request, reply) => ${sendPage(`<h1>First code</h1> ${TEXT}<script>document.body.append('not allowed')</script>`)})`
      ])
    },
    start: 'node --watch server.js',
    edits: rendered(`!(${says('not allowed')})`)
  },
  {
    name: '@fastify/compress',
    files: {
      ...FILES,
      'server.js': server([...READ, "import compress from '@fastify/compress'"], [
        'await app.register(compress, { threshold: 0 })',
        LIVE,
        `app.get('/', (request, reply) => ${sendPage(`<h1>First code</h1> ${TEXT} \${' '.repeat(1000)}`)})`
      ])
    },
    start: 'node --watch server.js',
    edits: rendered('(({ encodedBodySize, decodedBodySize }) => encodedBodySize < decodedBodySize)(performance.getEntriesByType("navigation")[0])')
  },
  {
    name: '@fastify/rate-limit',
    files: {
      ...FILES,
      'server.js': server([...READ, "import rateLimit from '@fastify/rate-limit'"], [
        'await app.register(rateLimit, { max: 100 })',
        LIVE,
        `app.get('/', (request, reply) => ${sendPage(`<h1>First code</h1> ${TEXT}, left \${reply.getHeader('x-ratelimit-remaining')};`)})`
      ])
    },
    start: 'node --watch server.js',
    // A page and its style sheet are two requests, and a new process counts anew.
    edits: rendered(says('left 97;') + ` || ${says('left 99;', 'Other code')}`)
  },
  {
    name: 'Mercurius',
    files: {
      ...FILES,
      'server.js': server([...READ, "import mercurius from 'mercurius'"], [
        LIVE,
        'await app.register(mercurius, {',
        "  schema: 'type Query { word: String } type Subscription { word: String }',",
        '  resolvers: {',
        "    Query: { word: () => readFileSync('views/word.txt', 'utf8') },",
        "    Subscription: { word: { subscribe: async function * () { yield { word: 'First code' } } } }",
        '  },',
        '  subscription: true',
        '})',
        `app.get('/', (request, reply) => ${sendPage('<h1>First page</h1><p></p><script type="module" src="/page.js"></script>')})`
      ]),
      'public/page.js': lines(
        "const { data: { word } } = await (await fetch('/graphql?query={word}')).json()",
        "const socket = new WebSocket('/graphql', 'graphql-transport-ws')",
        'const say = message => socket.send(JSON.stringify(message))',
        "socket.addEventListener('open', () => say({ type: 'connection_init' }))",
        "socket.addEventListener('message', ({ data }) => {",
        '  const { type, payload } = JSON.parse(data)',
        "  if (type === 'connection_ack') say({ id: '1', type: 'subscribe', payload: { query: 'subscription { word }' } })",
        "  if (type === 'next') document.querySelector('p').textContent = `First script, ${word}, ${payload.data.word}`", // eslint-disable-line no-template-curly-in-string
        '})'
      )
    },
    start: 'node --watch server.js',
    edits: [...rendered(), { file: 'public/page.js', from: 'First script', to: 'Other script', how: 'reload' }]
  },
  {
    name: '@fastify/swagger-ui',
    path: '/documentation/',
    files: {
      'package.json': '{ "type": "module" }',
      'server.js': server(["import swagger from '@fastify/swagger'", "import swaggerUi from '@fastify/swagger-ui'"], [
        'await app.register(swagger)',
        'await app.register(swaggerUi)',
        'await app.register(liveReload)',
        "app.get('/pets', { schema: { summary: 'First summary' } }, async () => [])"
      ])
    },
    start: 'node --watch server.js',
    edits: [{ file: 'server.js', from: 'First summary', to: 'Other summary', shows: `${says('Other summary')} && !document.body.innerText.includes("__live")`, how: 'restart' }]
  }
]
