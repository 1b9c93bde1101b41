'use strict'

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const net = require('node:net')
const { LineSplitter } = require('../../../lib/line-splitter')
const { NutReader } = require('./nut-reader')

/** What begins a frame comes in so much at most; all more of a picture is read into the picture itself. */
const READ_BYTES = 1 << 16
const CONNECT_MS = 20
/** So much of a feed may wait for FFmpeg to read it; then FFmpeg hangs. */
const MOST_WAITING_BYTES = 8_000_000

/**
 * One run of an ingest's FFmpeg: its log, the socket that pictures and sound come from, and its end. `to` is told; once `kill` has been
 * called nobody is. Nothing is read before `open`.
 */
class IngestProcess {
  #to
  #socketPath
  #time
  #relay
  #ffmpeg
  #socket = null
  #timer = null
  #isOver = false
  #isOpen = false

  /**
   * @param {object} run `ffmpegPath`, `args`, `socketPath`, `hasFeed` (FFmpeg reads its standard input), `relay` (FFmpeg reads from this;
   *   null without one)
   * @param {object} to `line(text)`; `take(stream, size)` and `frame(stream, pts, memory)` as of NutReader; `read()` after each read,
   *   gives false to read no more until `resume`; `error(text)`; `end(code, signal)` once everything it sent was read
   * @param {object} time `setTimeout`, `clearTimeout`
   */
  constructor ({ ffmpegPath, args, socketPath, hasFeed, relay }, to, time) {
    /** One text of all arguments, to tell whether others are wanted. */
    this.arguments = args.join('\0')
    this.#to = to
    this.#socketPath = socketPath
    this.#time = time
    this.#relay = relay
    fs.rmSync(socketPath, { force: true })
    const ffmpeg = this.#ffmpeg = spawn(ffmpegPath, args, { stdio: [hasFeed && !relay ? 'pipe' : 'ignore', 'ignore', 'pipe'] })
    const lines = new LineSplitter()
    ffmpeg.stderr.setEncoding('utf8').on('data', (chunk) => { for (const line of lines.feed(chunk)) if (!this.#isOver) to.line(line) })
    ffmpeg.stdin?.on('error', () => {})
    ffmpeg.on('error', (error) => { if (!this.#isOver) to.error(error.message) })
    ffmpeg.on('close', (code, signal) => this.#closed(code, signal))
    this.#connect()
  }

  get pid () {
    return this.#ffmpeg.pid ?? null
  }

  /** Give FFmpeg bytes of its feed; false once so many wait that it must hang. */
  write (bytes) {
    if (this.#relay) return this.#isOver || this.#relay.write(bytes)
    const { stdin } = this.#ffmpeg
    if (!stdin.writable) return true
    stdin.write(bytes)
    return stdin.writableLength < MOST_WAITING_BYTES
  }

  /** Begin to read: it is known what comes. */
  open () {
    this.#isOpen = true
    this.resume()
  }

  /** Read on. */
  resume () {
    this.#socket?.resume()
  }

  /** End it at once; `to` is told no more. Resolves when the process is gone. */
  async kill () {
    this.#isOver = true
    this.#time.clearTimeout(this.#timer)
    this.#socket?.destroy()
    const ffmpeg = this.#ffmpeg
    if (ffmpeg.pid && ffmpeg.exitCode === null && ffmpeg.signalCode === null) {
      const gone = new Promise((resolve) => ffmpeg.once('close', resolve))
      ffmpeg.kill('SIGKILL')
      await gone
    }
    fs.rmSync(this.#socketPath, { force: true })
    this.#relay?.close()
  }

  /** FFmpeg listens once its input is open, which of a live source may take as long as it likes. */
  #connect () {
    const again = () => { this.#timer = this.#isOver ? null : this.#time.setTimeout(() => this.#connect(), CONNECT_MS) }
    if (!fs.existsSync(this.#socketPath)) return again()
    const reader = new NutReader({
      onStreams: () => {},
      take: (stream, size) => this.#to.take(stream, size),
      onFrame: (stream, pts, memory) => this.#to.frame(stream, pts, memory)
    })
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
    const socket = this.#socket = net.connect({
      path: this.#socketPath,
      onread: {
        buffer: () => reader.space.length > READ_BYTES ? reader.space : buffer,
        callback: (count, into) => this.#read(() => into === buffer ? reader.feed(buffer.subarray(0, count)) : reader.filled(count))
      }
    })
    socket.on('error', () => { if (socket.bytesRead === 0) again() })
    if (!this.#isOpen) socket.pause()
  }

  #read (take) {
    if (this.#isOver) return false
    try {
      take()
    } catch (error) {
      this.#to.error(error.message)
      this.#ffmpeg.kill('SIGKILL')
      return false
    }
    return this.#to.read()
  }

  /** What it sent before a good end is still read; of a bad one there is nothing to wait for. */
  #closed (code, signal) {
    if (this.#isOver) return
    const end = () => {
      if (this.#isOver) return
      this.#isOver = true
      this.#time.clearTimeout(this.#timer)
      this.#socket?.destroy()
      fs.rmSync(this.#socketPath, { force: true })
      this.#relay?.close()
      this.#to.end(code, signal)
    }
    if (code === 0 && this.#socket && !this.#socket.destroyed) this.#socket.once('close', end)
    else end()
  }
}

module.exports = { IngestProcess }
