'use strict'

const { spawn } = require('node:child_process')
const { LineSplitter } = require('../../../lib/line-splitter')
const { scrub } = require('../../../lib/scrub')
const { LinkControlClient } = require('../../link/link-control-client')
const { SilenceWatch } = require('./silence-watch')
const { TransportFeed } = require('./transport-feed')

/** A sender that gives nothing for so long is gone: FFmpeg would take 2.6 s, a second of them to end. */
const SILENT_MS = 1000
/** So long a call may take. */
const CALL_MS = 1500
/** The sender of a link was told to listen, and is about to; that it is gone is heard of by its control. */
const LINK_CALL_MS = 5000
/** How FFmpeg finds out what comes; a link is the engine's own stream, of which nothing has to be guessed. */
const PROBE = [['probesize', 500_000], ['analyzeduration', 300_000]]
const LINK_PROBE = [['probesize', 5_000_000], ['analyzeduration', 100_000], ['max_probe_packets', 1]]
/** A secret that cannot be read is asked for again so often. */
const SECRET_AGAIN_MS = 5000
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [50, 500]
const ARGUMENTS = [
  '-hide_banner', '-loglevel', 'level+error', '-nostats', '-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,srt',
  '-fflags', '+discardcorrupt', '-i', 'pipe:0', '-map', '0:v?', '-map', '0:a?', '-c', 'copy',
  '-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0', '-flush_packets', '1', 'pipe:1'
]
const BROKEN = /during demuxing/
/** libsrt's word for packets that did not come in time, however often they were asked for; it says so whatever FFmpeg's log level is. */
const LOST = /RCV-DROPPED (\d+) packet/
const ERROR = /\[(fatal|error)\] (.*)$/

/**
 * Receives SRT in an FFmpeg of its own that copies: as a listener, one sender at a time, or as a caller. The passphrase is told it over
 * its standard input, so that no process list has it.
 */
class SrtFeed extends TransportFeed {
  lostPackets = 0
  #source
  #ffmpegPath
  #time
  #secrets
  #passphrase
  #process = null
  #timer = null
  #pauseMs = FIRST_PAUSE_MS
  #isStopped = true
  #control = null
  #silence

  /**
   * @param {object} source `mode` (`listener` or `caller`), `address`, `port`, `latencyMs`, `passphrase` or `passphraseSecret` (its name),
   *   `streamId`; `controlPort` where the far end is another engine's link
   * @param {object} place `ffmpegPath`, `secrets` (SecretStore)
   */
  constructor (source, { ffmpegPath, secrets }, time) {
    super(time)
    this.#source = source
    this.#ffmpegPath = ffmpegPath
    this.#time = time
    this.#silence = new SilenceWatch(() => this.bytes, time)
    this.#secrets = secrets
    this.#passphrase = source.passphrase
    if (source.controlPort) this.#control = this.#newControl(source)
  }

  start () {
    this.#isStopped = false
    if (this.#control) this.#control.start()
    else this.#run()
  }

  async stop () {
    this.#isStopped = true
    this.#control?.stop()
    this.#silence.end()
    this.#time.clearTimeout(this.#timer)
    const ffmpeg = this.#process
    if (!ffmpeg || ffmpeg.exitCode !== null || ffmpeg.signalCode !== null || !ffmpeg.pid) return
    const gone = new Promise((resolve) => ffmpeg.once('close', resolve))
    ffmpeg.kill('SIGKILL')
    await gone
  }

  /** The clock of a link's far end, see FarClock; null while it is not known. */
  get farClock () {
    return this.#control?.clock ?? null
  }

  get figures () {
    return { ...super.figures, lostPackets: this.lostPackets, pid: this.#process?.pid ?? null }
  }

  /** The far end of a link is asked to listen anew before each call; that it is gone is known at once. */
  #newControl (source) {
    const control = new LinkControlClient(source, this.#time)
    control.on('renewed', () => {
      const before = this.#process
      this.#run()
      before?.kill('SIGKILL')
    })
    control.on('gone', () => this.#process?.kill('SIGKILL'))
    control.on('trouble', (text) => this.emit('trouble', `SourceUnreachable: ${this.#advice} (${text})`, 'SourceUnreachable'))
    return control
  }

  async #run () {
    const { passphraseSecret } = this.#source
    if (passphraseSecret) {
      try {
        this.#passphrase = await this.#secrets.read(passphraseSecret)
      } catch (error) {
        if (this.#isStopped) return
        this.emit('trouble', error.message, error.name)
        this.#timer = this.#time.setTimeout(() => this.#run(), SECRET_AGAIN_MS)
        return
      }
      if (this.#isStopped) return
    }
    this.#receive()
  }

  #receive () {
    const ffmpeg = this.#process = spawn(this.#ffmpegPath, ARGUMENTS, { stdio: ['pipe', 'pipe', 'pipe'] })
    let [message, hasBegun] = [null, false]
    const lines = new LineSplitter()
    ffmpeg.stdin.on('error', () => {}).end(this.#list())
    ffmpeg.stderr.setEncoding('utf8').on('data', (chunk) => {
      for (const line of lines.feed(chunk)) {
        message ??= ERROR.exec(line)?.[2] ?? null
        this.lostPackets += Number(LOST.exec(line)?.[1] ?? 0)
      }
      if (hasBegun && BROKEN.test(message)) ffmpeg.kill('SIGKILL')
    })
    ffmpeg.stdout.on('data', (bytes) => {
      if (this.#isStopped) return
      if (!hasBegun) {
        hasBegun = true
        this.began()
        this.#silence.begin([SILENT_MS, () => ffmpeg.kill('SIGKILL')])
      }
      this.#pauseMs = FIRST_PAUSE_MS
      this.received(bytes)
    })
    ffmpeg.on('error', (error) => { message ??= error.message })
    ffmpeg.on('close', () => {
      if (this.#process !== ffmpeg) return
      this.#process = null
      this.#silence.end()
      this.#time.clearTimeout(this.#timer)
      if (this.#isStopped) return
      if (hasBegun) this.emit('gone', 'the sender went away. It may come back at any time.')
      else this.emit('trouble', `SourceUnreachable: ${this.#advice} (${scrub(message ?? 'FFmpeg ended', [this.#passphrase])})`, 'SourceUnreachable')
      if (this.#control) return this.#control.renew()
      this.#timer = this.#time.setTimeout(() => this.#run(), this.#pauseMs)
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
    })
  }

  get #advice () {
    return this.#source.mode === 'caller'
      ? 'nobody answers there, or the passphrase is another. See whether the far end listens, its address, port and passphrase.'
      : 'the port cannot be listened on. See whether something else has it.'
  }

  /** What FFmpeg reads: https://ffmpeg.org/ffmpeg-formats.html#Syntax */
  #list () {
    const { mode, address, port, latencyMs, streamId } = this.#source
    const passphrase = this.#passphrase
    const call = mode === 'caller' ? `mode=caller&connect_timeout=${this.#control ? LINK_CALL_MS : CALL_MS}` : 'mode=listener'
    const options = [
      ...(this.#control ? LINK_PROBE : PROBE), ...(passphrase ? [['passphrase', passphrase]] : []),
      ...(streamId && mode === 'caller' ? [['srt_streamid', streamId]] : [])
    ]
    return [
      'ffconcat version 1.0', `file ${quoted(`srt://${address}:${port}?${call}&latency=${latencyMs * 1000}&timeout=${2 * SILENT_MS * 1000}`)}`,
      ...options.map(([name, value]) => `option ${name} ${quoted(String(value))}`), ''
    ].join('\n')
  }
}

function quoted (text) {
  return `'${text.replaceAll("'", "'\\''")}'`
}

module.exports = { SrtFeed, ARGUMENTS }
