// A builder: `render` makes the pages. What it throws is a diagnostic, and an abort ends the build at once.
export function pages (render) {
  return {
    name: 'pages',
    async build (request, { signal, log, progress }) {
      const began = performance.now()
      const diagnostics = []
      const aborted = new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
      signal.throwIfAborted()
      try {
        await Promise.race([aborted, (async () => await render({ log, progress }))()])
      } catch (error) {
        signal.throwIfAborted()
        diagnostics.push({ severity: 'error', message: [error, error.cause].filter(Boolean).join(', because of ') })
      }
      return { ok: diagnostics.length === 0, ms: performance.now() - began, diagnostics }
    }
  }
}
