'use strict'

/** The definition of an engine whose one source has each picture's number in it, with these outputs of its programme. */
function countedProgramme (format, outputs) {
  return {
    name: 'mixer',
    format,
    sources: [{ name: 'one', kind: 'pattern', pattern: 'counter' }],
    fader: 1,
    fades: [],
    beginsWithSource: false,
    encoders: [{
      name: 'programme', codec: 'h264', preset: 'ultrafast', bitRate: 1_000_000, bufferSeconds: 1, gopFrames: format.frameRate, sound: { bitRate: 128_000 }, outputs
    }]
  }
}

module.exports = { countedProgramme }
