// What is promised in absolute numbers: each measured several times on the real thing, with how often it was held.
import { median, table } from './measure.js'
import { builds } from './promises/builds.js'
import { closing } from './promises/closing.js'
import { fallback } from './promises/fallback.js'
import { firstByte } from './promises/first-byte.js'
import { overlay } from './promises/overlay.js'
import { saves } from './promises/saves.js'
import { stopped } from './promises/stopped.js'
import { storm } from './promises/storm.js'

/**
 * @typedef {object} Row
 * @property {string} promise
 * @property {string} bound in words
 * @property {number} most what a value may be
 * @property {readonly number[]} values milliseconds; what never came is Infinity
 */

/** @param {import('./index.js').Run} run */
export async function promises (run) {
  const rows = []
  for (const part of [saves, overlay, fallback, closing, builds, storm, firstByte, stopped]) rows.push(...await part(run))
  run.print(table(['promise', 'bound', 'median, ms', 'worst, ms', 'held'],
    rows.map(({ promise, bound, most, values }) => [promise, bound, median(values), Math.max(...values), heldOf(values, most)])))
}

const heldOf = (values, most) => `${values.filter(value => value <= most).length} of ${values.length}`
