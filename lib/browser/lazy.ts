// What most pages do not need at once, in one module: together the parts compress best.
export { restoreState } from './preserve/preserve.js'
export { createApplier } from './reload/apply-change.js'
