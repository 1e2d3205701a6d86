// WebKitGTK, the engine of Safari, passes the smoke suite (`npm run test:browsers`).
import { smoke } from '../support/smoke.js'
import { webkit } from '../support/webkit.js'

smoke('WebKitGTK', webkit)
