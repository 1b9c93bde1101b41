'use strict'

const { execFileSync } = require('node:child_process')

const KEY = /^lavfi\.r128\.(M|S|I|true_peaks_ch0|true_peaks_ch1)=(\S+)$/gm

/**
 * What FFmpeg's `ebur128` measures of stereo sound, every 100 ms: `M`, `S`, `I` (LUFS), and the true peak up to then (dBTP).
 *
 * @param {string} ffmpegPath
 * @param {Float32Array} samples left and right by turns, 48 kHz
 * @returns {{M: number, S: number, I: number, truePeak: number}[]}
 */
function ebur128 (ffmpegPath, samples) {
  const told = execFileSync(ffmpegPath, [
    '-v', 'error', '-f', 'f32le', '-sample_rate', '48000', '-ch_layout', 'stereo', '-i', 'pipe:0',
    '-af', 'ebur128=peak=true:metadata=1,ametadata=mode=print:file=-', '-f', 'null', '-'
  ], { input: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength), encoding: 'utf8', maxBuffer: 64_000_000 })
  return told.split(/^frame:/m).slice(1).map((frame) => {
    const { M, S, I, ...peaks } = Object.fromEntries([...frame.matchAll(KEY)].map(([, key, value]) => [key, Number(value)]))
    return { M, S, I, truePeak: Math.max(peaks.true_peaks_ch0, peaks.true_peaks_ch1) }
  })
}

module.exports = { ebur128 }
