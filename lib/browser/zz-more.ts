// What a plain page does not need at once, in one module: it is asked for when there is something to do. One file, because what is alike packs well together.
export { createAct } from './act.js'
export { restore } from './preserve/preserve.js'
