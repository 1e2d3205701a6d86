// Entry of `client.js`, which every page loads.
import { launch } from './launch.js'

launch()
