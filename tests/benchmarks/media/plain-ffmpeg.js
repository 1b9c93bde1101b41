'use strict'

const { spawn } = require('node:child_process')
const { codingArguments } = require('../../../tasks/node-red/media-nodes/engine/outputs/encoder-arguments')
const { conformPictures, conformSound } = require('../../../tasks/node-red/media-nodes/engine/sources/ingest/conform')
const { cpuSeconds } = require('./cpu')

const CEILING = 0.86 // -1.3 dB, as the engine's limiter

/**
 * One FFmpeg that does the engine's work: receives two SRT sources, conforms, mixes, limits and measures sound, encodes for the link, and
 * sends it by SRT.
 */
function plainArguments ({ format, ports, linkPort, encoder, weights }) {
  const known = { rate: format.rate.value, matrix: 'bt709', width: format.width, height: format.height, isInterlaced: false, isHdr: false, isWideGamut: false, isRgb: false }
  const conform = conformPictures(format, {}, known)
  const sound = conformSound({ isMono: false })
  const { matrix, primaries, transfer } = format.colours
  const graph = [
    `[0:v]${conform}[a]`, `[1:v]${conform}[b]`,
    `[a][b]mix=inputs=2:weights=${weights},setparams=range=limited:colorspace=${matrix}:color_primaries=${primaries}:color_trc=${transfer}[v]`,
    `[0:a]${sound}[x]`, `[1:a]${sound}[y]`, `[x][y]amix=inputs=2:weights=${weights}:normalize=0,alimiter=limit=${CEILING}:level=0,ebur128=peak=true[s]`
  ].join(';')
  const inputs = ports.flatMap((port) => ['-analyzeduration', '500000', '-probesize', '500000', '-f', 'mpegts', '-i', `srt://127.0.0.1:${port}?mode=listener&latency=120000`])
  return [
    '-hide_banner', '-loglevel', 'error', '-nostats', '-progress', 'pipe:1', ...inputs, '-filter_complex', graph,
    '-map', '[v]', '-map', '[s]', '-fps_mode', 'cfr', '-r', String(format.rate), ...codingArguments(encoder, format),
    `srt://127.0.0.1:${linkPort}?mode=listener&latency=120000`
  ]
}

class PlainFfmpeg {
  progress = {}

  constructor (ffmpegPath, args) {
    this.process = spawn(ffmpegPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.process.stdout.setEncoding('utf8').on('data', (text) => {
      for (const [, name, value] of text.matchAll(/^(\w+)=(\S+)$/gm)) this.progress[name] = Number(value)
    })
    this.ended = new Promise((resolve) => this.process.on('close', resolve))
  }

  get cpu () {
    return { FFmpeg: cpuSeconds(this.process.pid) }
  }

  get figures () {
    return { frames: this.progress.frame ?? 0, dropped: this.progress.drop_frames ?? 0, repeated: this.progress.dup_frames ?? 0 }
  }

  async end () {
    this.process.kill('SIGKILL')
    await this.ended
  }
}

module.exports = { plainArguments, PlainFfmpeg }
