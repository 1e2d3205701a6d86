// A server in a process of its own that builds for ever: `building-server.js FOLDER SHELL-COMMAND`.
import Fastify from 'fastify'
import liveReload, { command, isolated } from 'fastify-live-reload'

const [folder = '', shell = ''] = process.argv.slice(2)
const app = Fastify()
await app.register(liveReload, {
  root: `${folder}/out`,
  build: [
    { name: 'isolated', source: `${folder}/src`, builder: isolated(`${folder}/build.mjs`) },
    { name: 'command', source: `${folder}/src`, builder: command(['sh', '-c', shell], { cwd: folder }) }
  ]
})
await app.listen({ port: 0, host: '127.0.0.1' })
