// Spans from the tracing channels. `tracer.startSpan(name, parent)` is what @opentelemetry/api's tracer does, by way of its context.
import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'

const current = new AsyncLocalStorage()

/** Makes a span of each build, shard, send and reload of a plugin. A shard is part of its build. */
export function traceLiveReload (tracer) {
  for (const name of ['build', 'shard', 'send', 'plugin-reload']) {
    const channel = tracingChannel(`fastify-live-reload.${name}`)
    const spans = new WeakMap()
    // Runs before the work begins. What the work does sees the span as `current.getStore()`.
    channel.start.bindStore(current, context => {
      const span = tracer.startSpan(name, current.getStore())
      spans.set(context, span)
      return span
    })
    const end = context => spans.get(context)?.end(context)
    channel.subscribe(name === 'send' ? { end } : { asyncEnd: end })
  }
}

/** Prints each span when it ends. */
export const printing = {
  startSpan (name, parent) {
    const start = performance.now()
    const span = { name: parent === undefined ? name : `${parent.name} > ${name}` }
    span.end = ({ name: pipeline, shard, message }) =>
      console.log(`span ${span.name} ${pipeline ?? shard ?? message?.type ?? ''} ${(performance.now() - start).toFixed(1)} ms`)
    return span
  }
}
