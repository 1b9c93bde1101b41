'use strict'

const fs = require('node:fs')
const os = require('node:os')

/** A process that does nothing for so long hangs; one that somebody has stopped (SIGSTOP) is known to sooner. */
const HANGS_MS = 4000
const IS_STOPPED_MS = 500

/** Kill a child that leads a process group, with all of the group; what has ended already is left. */
function killGroup (child) {
  if (child.pid === undefined) return // it never was
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error
  }
}

/** Kill a process that may have ended already. */
function killIfThere (pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/**
 * Have a process take what processor time others leave; one that is gone already, or never was, takes none.
 *
 * Linux keeps the value of each thread: https://man7.org/linux/man-pages/man2/setpriority.2.html#BUGS
 */
function yieldTime (pid, nice) {
  for (const thread of pid ? threadsOf(pid) : []) {
    try {
      os.setPriority(Number(thread), nice)
    } catch (error) {
      if (error.info?.code !== 'ESRCH') throw error
    }
  }
}

function threadsOf (pid) {
  try {
    return fs.readdirSync(`/proc/${pid}/task`)
  } catch {
    return [pid] // gone, or no Linux
  }
}

/** End a child that leads a process group: by SIGTERM, or after `ms` killed. Resolves when it and its group are gone. */
function endChild (child, ms) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => killGroup(child), ms)
    child.once('exit', () => {
      clearTimeout(timer)
      killGroup(child)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** Whether a process is stopped, as Linux tells: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function isStopped (pid) {
  try {
    const told = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return told[told.lastIndexOf(')') + 2] === 'T'
  } catch {
    return false
  }
}

/**
 * Whether a process that has done nothing for `ms` is to be ended: it hangs, and is not just short of processor time.
 *
 * @param {number} hangsMs so long it may do nothing; Infinity when it may wait for somebody, and only one that was stopped is found
 */
function hangs (pid, ms, hangsMs = HANGS_MS) {
  return ms >= hangsMs || (ms >= IS_STOPPED_MS && isStopped(pid))
}

/** Call `ended(how)` once when a child has ended, or could not be started at all: then there is an `error` and no `exit`. */
function whenEnded (child, ended) {
  child.once('exit', (code, signal) => ended(signal ? `by ${signal}` : `with exit code ${code}`, code))
  child.on('error', (error) => { if (child.pid === undefined) ended(`before it began: ${error.message}`, null) })
}

module.exports = { endChild, hangs, isStopped, killGroup, killIfThere, whenEnded, yieldTime }
