// Builders that are wrong in one way each: the test that has to find it, and what that has to say.
const OUTCOME = 'every outcome of a build is a value'
const ABORT = "an abort rejects with the signal's reason, soon"
const TOLD = 'tells progress and lines'
const TWICE = 'twice at once'
const CLOSED = 'closed while it runs, and twice'

/** A builder whose results have something else. */
const giving = more => ({ build }) => ({ build: async (...given) => ({ ...await build(...given), ...more }) })
const deaf = context => ({ ...context, signal: new AbortController().signal })
const failing = async build => ({ ...await build, ok: false })

export const BUILDER_FAULTS = {
  'has no name': { fails: OUTCOME, says: 'a builder has a name; it is undefined', change: () => ({ name: undefined }) },
  'resolves with nothing': { fails: OUTCOME, says: 'build() resolves with { ok, ms, diagnostics }; it did with undefined', change: () => ({ async build () {} }) },
  'rejects for a failure': {
    fails: OUTCOME,
    says: 'build() resolves for every outcome, and rejects only when it is aborted; it rejected with Error: broken on purpose',
    change: (builder, behaviour) => behaviour === 'failure' ? { build: async () => { throw new Error('broken on purpose') } } : {}
  },
  'throws before there is a promise': { fails: OUTCOME, says: 'it rejected with Error: thrown on purpose', change: (builder, behaviour) => behaviour === 'throw' ? { build () { throw new Error('thrown on purpose') } } : {} },
  'takes a failure for a success': { fails: OUTCOME, says: '`ok` of a build that ends badly is false', change: giving({ ok: true }) },
  'takes a success for a failure': { fails: OUTCOME, says: '`ok` of a build that ends well is true', change: giving({ ok: false }) },
  'does not say why': { fails: OUTCOME, says: 'a failure has its reason as a diagnostic; it has []', change: giving({ diagnostics: [] }) },
  'loses the cause': {
    fails: OUTCOME,
    says: 'what is thrown is a diagnostic with its cause',
    change: (builder, behaviour) => behaviour === 'throw' ? giving({ diagnostics: [{ severity: 'error', message: 'thrown on purpose' }] })(builder) : {}
  },
  'has no duration': { fails: OUTCOME, says: '`ms` is a duration; it is NaN', change: giving({ ms: NaN }) },
  'returns what cannot cross processes': { fails: OUTCOME, says: 'a result is plain data; DataCloneError', change: giving({ meta: { run () {} } }) },
  'builds once': {
    fails: OUTCOME,
    says: 'a builder builds again',
    change ({ build }) {
      let count = 0
      return { build: (...given) => ++count > 1 ? failing(build(...given)) : build(...given) }
    }
  },
  'does not build twice at once': {
    fails: TWICE,
    says: 'a builder builds twice at once',
    change ({ build }) {
      let running = 0
      return { build: (...given) => (++running > 1 ? failing(build(...given)) : build(...given)).finally(() => { running-- }) }
    }
  },
  'does not hear its signal': { fails: ABORT, says: 'aborted before it starts rejects with the reason of its signal; it rejected with Error: not within 100 ms', timeout: 100, change: ({ build }) => ({ build: (request, context) => build(request, deaf(context)) }) },
  'hears its signal at the start only': {
    fails: CLOSED,
    says: 'aborted and closed rejects with the reason of its signal; it rejected with Error: not within 100 ms',
    timeout: 100,
    change: ({ build }) => ({ async build (request, context) { context.signal.throwIfAborted(); return await build(request, deaf(context)) } })
  },
  'is slow to stop': {
    fails: ABORT,
    says: 'an abort takes at most 250 ms',
    change: ({ build }) => ({ build: (...given) => build(...given).catch(error => new Promise((resolve, reject) => setTimeout(reject, 300, error))) })
  },
  'rejects with an error of its own': { fails: ABORT, says: 'rejects with the reason of its signal; it rejected with Error: stopped', change: ({ build }) => ({ build: (...given) => build(...given).catch(() => { throw new Error('stopped') }) }) },
  'resolves for an abort': { fails: ABORT, says: 'rejects with the reason of its signal; it resolved with', change: ({ build }) => ({ build: (...given) => build(...given).catch(() => ({ ok: false, ms: 0, diagnostics: [] })) }) },
  'keeps progress to itself': { fails: TOLD, says: 'progress reaches context.progress(); the first was undefined', change: ({ build }) => ({ build: (request, context) => build(request, { ...context, progress () {} }) }) },
  'keeps lines to itself': { fails: TOLD, says: 'lines reach context.log(); there were []', change: ({ build }) => ({ build: (request, context) => build(request, { ...context, log () {} }) }) },
  'cannot be closed twice': {
    fails: CLOSED,
    says: 'close() may be called while a build runs, and twice; the second time it threw Error: closed',
    change () {
      let isClosed = false
      return { async close () { if (isClosed) throw new Error('closed'); isClosed = true } }
    }
  }
}
