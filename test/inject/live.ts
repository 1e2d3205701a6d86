// What `beside.test.ts` puts beside the other plugins: adds live reload to an app, and gives what moves its stamp.
import type { FastifyInstance } from 'fastify'
import { inject } from './app.js'

export function live (app: FastifyInstance): () => void {
  const world = inject(app)
  return () => { world.seq++ }
}
