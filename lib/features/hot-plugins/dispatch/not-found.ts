// Handlers of 404 that a plugin sets for its prefix: the app needs one in the same place, as it needs a stub for each route.
import type { FastifyInstance } from 'fastify'
import type { Internals } from '../graft/internals.js'
import { dispatch, emptyScope, SILENT, type Stub } from './stubs.js'

/** `scope` is an empty one. */
export function addNotFound (scope: FastifyInstance, internals: Internals, prefix: string, stub: Stub): void {
  scope.register(async inner => {
    emptyScope(inner, internals)
    internals.write(inner, 'prefix', prefix)
    internals.write(inner, 'childLoggerFactory', () => SILENT)
    internals.read(inner, 'hooks').onRequest = [dispatch(stub) as never]
    inner.setNotFoundHandler(() => {})
  }, { prefix })
}
