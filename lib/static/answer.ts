// One request for a file: who asks, what for, and which root has it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isNavigation } from '../shared/navigation.js'
import { judgeTarget, type Dotfiles } from './path-gate.js'
import { fail, refuse, type Place } from './static-root.js'

export interface HostGate {
  (request: FastifyRequest): { readonly ok: true } | { readonly ok: false, readonly message: string, readonly status?: number }
}

export interface AnswerParts {
  readonly hostGate: HostGate
  /** Waits while the first builds run; true when there was something to wait for. */
  built? (): Promise<boolean>
}

/** True when it has answered. */
export type LeadToSlash = (request: FastifyRequest, reply: FastifyReply) => boolean

/** Asks the roots of one prefix in their order. */
export function createAnswer (places: readonly Place[], dotfiles: Dotfiles, { hostGate, built }: AnswerParts, leadToSlash: LeadToSlash): (request: FastifyRequest, reply: FastifyReply) => void {
  return (request, reply) => {
    answer(request, reply).catch(error => fail(reply, error))
  }

  async function answer (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const host = hostGate(request)
    if (!host.ok) {
      reply.code(host.status ?? 403).header('x-content-type-options', 'nosniff').type('text/plain; charset=utf-8').send(host.message)
      return
    }
    // '/prefix/*' has the prefix's segments between the first slash and the star.
    const depth = (request.routeOptions.url as string).split('/').length - 2
    const target = judgeTarget(request.raw.url as string, depth, dotfiles)
    if (!target.ok) return refuse(reply, target.status, target.reason)
    const serve = (place: Place): Promise<boolean> => place.serve(request, reply, target)
    // Another root may begin behind that name.
    if (await first(places, serve) || leadToSlash(request, reply)) return
    const navigation = isNavigation(request, target.names[target.names.length - 1] ?? '')
    // The first build may still be making what a person asks for.
    if (navigation && await built?.() && await first(places, serve)) return
    if (!await first(places, place => place.serveMissing(request, reply, target, navigation))) reply.callNotFound()
  }
}

async function first (places: readonly Place[], attempt: (place: Place) => Promise<boolean>): Promise<boolean> {
  for (const place of places) if (await attempt(place)) return true
  return false
}
