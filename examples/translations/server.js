// A page in two languages. Its texts change in the open page when a file of `locales/` is saved: see live-translations.js.
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import liveTranslations from './live-translations.js'

const here = process.env.APP_DIR ?? import.meta.dirname
const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })

await app.register(liveReload, { root: { path: `${here}/public`, prefix: '/assets/' } })
await app.register(liveTranslations, { folder: `${here}/locales` })

app.get('/:lang', async ({ params: { lang } }, reply) => {
  const { title, greeting } = await app.translations(lang === 'de' ? 'de' : 'en')
  return reply.type('text/html').send(`<!doctype html>
<html lang="${lang === 'de' ? 'de' : 'en'}">
<head><meta charset="utf-8"><title>Translations</title></head>
<body>
<h1 data-text="title">${title}</h1>
<p data-text="greeting">${greeting}</p>
<input placeholder="Type here: a change of a text keeps it" size="50">
</body>
</html>`)
})

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3007) })
console.log(`The page is at ${address}/en and ${address}/de - edit a file below ${here}/locales.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
