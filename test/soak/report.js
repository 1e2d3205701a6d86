// The table that a soak ends with.
import { median, show, table } from '../bench/measure.js'

/**
 * By least squares, with its standard error.
 * @param {readonly { at: number, value: number }[]} points
 */
export function slopeOf (points) {
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(({ at }) => at)), mean(points.map(({ value }) => value))]
  const spread = points.reduce((sum, { at }) => sum + (at - x) ** 2, 0)
  const slope = points.reduce((sum, { at, value }) => sum + (at - x) * (value - y), 0) / spread
  const rest = points.reduce((sum, { at, value }) => sum + (value - y - slope * (at - x)) ** 2, 0)
  return { slope, error: Math.sqrt(rest / (points.length - 2) / spread) }
}

/** The first third is warm-up. */
function growthOf (samples, key) {
  const points = samples.slice(Math.floor(samples.length / 3)).map(sample => ({ at: sample.at / 3_600_000, value: sample[key] }))
  if (points.length < 4) return 'too short a run'
  const { slope, error } = slopeOf(points)
  return `${show(points[0].value)} -> ${show(points.at(-1).value)} MB, ${slope < 0 ? '' : '+'}${show(slope)} MB an hour (± ${show(error)})`
}

/** @param {Awaited<ReturnType<typeof import('./soak.js').soak>>} result */
export function reportOf ({ done, tabs, told, counted, lost, unhandled, waits, samples, alone, beside, before, meanwhile, closing }) {
  const of = rounds => [median(rounds.map(round => round.median)), median(rounds.map(round => round.p99))]
  const [[bareMedian, bareP99], [liveMedian, liveP99]] = [of(beside), of(meanwhile)]
  const [[, quietP99], [, quietBareP99]] = [of(meanwhile.filter(({ isWhole }) => isWhole)), of(beside.filter(({ isWhole }) => isWhole))]
  const [[, aloneP99], [, beforeP99]] = [of(alone), of(before)]
  const late = samples.slice(1).map(sample => sample.late)
  return table(['', ''], [
    ['tabs, half sockets and half streams', 2 * tabs],
    ['saves, of them broken / plugin reloads / cuts of half the tabs / tabs that went and came', `${done.saves}, ${done.broken} / ${done.plugins} / ${done.cuts} / ${done.replaced}`],
    ['changes received / pages loaded / connections / attempts that failed', `${show(told.reloads)} / ${show(told.loads)} / ${show(told.connects)} / ${show(told.failures)}`],
    ['**lost**: tabs or pages that did not have the newest, of all looks', `**${lost}** of ${show(waits.length * 2 * tabs)}`],
    ['from the last save of a period until all have it, ms: median / most', `${show(median(waits))} / ${show(Math.max(...waits))}`],
    ['refused connections', counted.refused],
    ['builds ok / failed / aborted', `${counted.ok} / ${counted.failed} / ${counted.aborted}`],
    ['**unhandled rejections**', `**${unhandled}**`],
    ['a plain route, median / p99, ms: bare app beside', `${show(bareMedian)} / ${show(bareP99)}`],
    ['the same in the app with the tabs', `${show(liveMedian)} / ${show(liveP99)} (${show(liveMedian / bareMedian)} x / ${show(liveP99 / bareP99)} x)`],
    ['p99 in seconds without a cut wire: bare app beside / with the tabs', `${show(quietBareP99)} / ${show(quietP99)} (${show(quietP99 / quietBareP99)} x)`],
    ['before there were tabs, p99: bare app / with the plugin', `${show(aloneP99)} / ${show(beforeP99)}`],
    ['event loop late by, ms: median / p99 / most', ['median', 'p99', 'most'].map((key, i) => show(i === 2 ? Math.max(...late.map(one => one.most)) : median(late.map(one => one[key])))).join(' / ')],
    ['RSS after collecting, from the end of the warm-up', growthOf(samples, 'rss')],
    ['the same without free pages of the heap', growthOf(samples, 'used')],
    ['heap after collecting', growthOf(samples, 'heap')],
    ['handles, first and last look', `${samples[0].handles}, ${samples.at(-1).handles}`],
    ['app.close() with all tabs, ms', closing.ms],
    ['handles after it', closing.handles.join(', ') || 'none']
  ])
}
