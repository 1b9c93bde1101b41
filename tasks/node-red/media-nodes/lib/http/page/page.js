import { LowLatency, canLowLatency } from './low-latency.js'
import { Player, hindrance, wayToPlay } from './player.js'

const LOOK_MS = 1000
const STILL_MS = 1000
/** So often the machine may not answer before that is said. */
const MOST_SILENT = 3

const find = (id) => document.getElementById(id)
const [video, still, notice, unmute, recording, low] = ['picture', 'still', 'notice', 'unmute', 'recording', 'low'].map(find)
const player = new Player(video)
const timeOf = (when) => new Date(when).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

const SAYS = {
  waiting: () => 'Waiting for pictures',
  live: ({ since }) => `Live since ${timeOf(since)}`,
  slate: ({ since }) => `No signal since ${timeOf(since)}: slate`,
  ended: ({ endedAt }) => `Ended at ${timeOf(endedAt)}`,
  lost: () => 'No connection'
}
const NOTICES = {
  waiting: () => 'The programme begins here as soon as there are pictures.',
  ended: ({ endedAt }) => `The programme ended at ${timeOf(endedAt)}.`,
  lost: ({ lastSeenAt }) => lastSeenAt
    ? `The machine has not answered since ${timeOf(lastSeenAt)}. The programme is over, or the way to it is interrupted; this page goes on by itself.`
    : 'The machine does not answer. This page goes on by itself once it does.'
}

let silent = 0
let lastSeenAt = null
let clockAhead = 0
let last = null

/** Change a text only when it is another: what is changed is read aloud. */
function say (element, text) {
  if (element.textContent !== text) element.textContent = text
}

async function look () {
  try {
    const response = await fetch('state.json', { cache: 'no-store', signal: AbortSignal.timeout(4 * LOOK_MS) })
    if (!response.ok) throw new Error(response.statusText)
    const told = await response.json()
    silent = 0
    lastSeenAt = Date.now()
    clockAhead = Date.parse(told.now) - lastSeenAt
    return told
  } catch {
    silent += 1
    // One that has ended does so with its machine.
    return silent < MOST_SILENT || last?.state === 'ended' ? last : { ...last, state: 'lost', lastSeenAt, recording: null }
  }
}

const isPlaying = () => !video.paused && video.readyState > 2 && !video.ended
const hasPlayedAll = () => video.ended || video.readyState < 3

function show (told) {
  const hindered = lowLatency ? null : hindrance(told.codec, video)
  document.body.dataset.state = told.state
  say(find('state-text'), SAYS[told.state](told))
  if (told.state === 'live' || told.state === 'slate') {
    if (hindered === null && !lowLatency) player.start(told.playlist)
  } else if (told.state === 'ended' && hasPlayedAll()) player.stop()
  const isOver = (told.state === 'ended' || told.state === 'lost' || told.state === 'waiting') && !isPlaying()
  const text = hindered && told.state !== 'ended' ? hindered : isOver ? NOTICES[told.state](told) : ''
  notice.hidden = text === ''
  video.controls = notice.hidden
  say(find('notice-text'), text)
  recording.hidden = !told.recording
  if (told.recording) recording.href = told.recording
  showStill(hindered !== null && told.state !== 'ended')
  low.hidden = !told.hasLowLatency || !canLowLatency() || !(told.state === 'live' || told.state === 'slate')
  if (told.state === 'ended') leaveLowLatency()
  unmute.hidden = !(video.muted && isPlaying())
}

let stillTimer = null
function showStill (isWanted) {
  video.hidden = isWanted
  still.hidden = !isWanted
  if (!isWanted || stillTimer !== null) return
  const next = () => {
    stillTimer = setTimeout(() => {
      stillTimer = null
      if (!still.hidden) still.src = `still.jpg?${Date.now()}`
    }, STILL_MS)
  }
  still.onload = next
  still.onerror = next
  still.src = 'still.jpg'
  stillTimer = 0
}

/** What is behind and what was dropped are told once there are pictures. */
async function measure () {
  const latency = isPlaying() ? await (lowLatency ?? player).latency(Date.now() + clockAhead) : null
  const { totalVideoFrames = 0, droppedVideoFrames = 0 } = video.getVideoPlaybackQuality?.() ?? {}
  say(find('latency'), latency === null ? '–' : `${Math.max(0, latency).toFixed(1)} s`)
  say(find('dropped'), totalVideoFrames === 0 ? '–' : `${droppedVideoFrames} of ${totalVideoFrames}`)
  say(find('size'), video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : '–')
  say(find('how'), lowLatency ? 'WebRTC, small' : cannotLowLatency ? `${how()}: low latency cannot be had from here` : how())
}

const how = () => ({ 'hls.js': 'hls.js', native: 'the browser\'s own HLS', null: 'a still a second' }[wayToPlay(video)])

let lowLatency = null
let cannotLowLatency = false

/** Back to HLS, which always gets through. */
function leaveLowLatency () {
  if (!lowLatency) return
  lowLatency.close()
  lowLatency = null
  low.setAttribute('aria-pressed', 'false')
  if (last) show(last)
}

low.addEventListener('click', () => {
  if (lowLatency) return leaveLowLatency()
  cannotLowLatency = false
  player.release()
  low.setAttribute('aria-pressed', 'true')
  lowLatency = new LowLatency(video, () => {
    cannotLowLatency = true
    leaveLowLatency()
  })
  lowLatency.start()
})
addEventListener('pagehide', leaveLowLatency)

for (const element of [video, still]) {
  element.addEventListener(element === video ? 'resize' : 'load', () => {
    const [width, height] = element === video ? [video.videoWidth, video.videoHeight] : [still.naturalWidth, still.naturalHeight]
    if (width && height) find('stage').style.setProperty('--shape', String(width / height))
  })
}
unmute.addEventListener('click', () => {
  video.muted = false
  video.play().catch(() => {})
  unmute.hidden = true
  video.focus()
})
video.addEventListener('volumechange', () => { unmute.hidden = !(video.muted && isPlaying()) })

async function run () {
  last = await look()
  if (last) show(last)
  await measure()
  setTimeout(run, LOOK_MS)
}
run()
