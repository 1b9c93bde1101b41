'use strict'

const { compileInputs } = require('./compile-inputs')
const { compileOutputs } = require('./compile-outputs')

/** FFmpeg reads one command from its stdin per period, ten a second at most: a longer one would hold the fader back. */
const STATS_PERIOD_SECONDS = 0.1

/**
 * Compile a chain into the argument list of its one FFmpeg process.
 *
 * @param {object} chain a chain without faults, of `findChains`
 * @param {object} place `host` (address that links listen on), `mediaDir` (absolute path), `fader` (0..1, where the mixer
 *   starts), `files` ({id of a media-file-out: path of a file that does not exist yet})
 * @returns {string[]} arguments; progress comes on pipe 1, sizes of coded pictures (bytes) on pipe 3
 */
function compile (chain, place) {
  const inputs = compileInputs(chain, place.fader)
  const outputs = compileOutputs(chain, place)
  return [
    '-hide_banner', '-loglevel', 'level+warning', '-nostats', '-progress', 'pipe:1', '-stats_period', String(STATS_PERIOD_SECONDS),
    '-y', ...inputs.args, '-filter_complex', [...inputs.filters, ...outputs.filters].join(';'), ...outputs.args
  ]
}

/** Whether the chain's pictures come without end, so that an FFmpeg that stops by itself has failed. */
function isEndless (chain) {
  if (chain.linkIn || (chain.mixer && chain.sources.length < 2)) return true
  return chain.sources.some((source) => source.kind === 'pattern' || source.looped)
}

module.exports = { compile, isEndless }
