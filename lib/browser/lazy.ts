// What most pages do not need at once, in one module: together the parts compress best.
export { Overlay } from './overlay/overlay.js'
export { restoreState } from './preserve/preserve.js'
export { createApplier } from './reload/apply-change.js'
