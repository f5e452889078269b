/** Recording sound, in a form that the files of a case take: MP4 where the browser can, else WAV. */

const MP4 = ["audio/mp4;codecs=mp4a.40.2", "audio/mp4"];
const WAV_RATE = 16_000;

export interface Recording {
  blob: Blob;
  extension: "m4a" | "wav";
}

export interface Recorder {
  /** Ends the recording and answers it. */
  stop(): Promise<Recording>;
}

/** Begin to record. Rejects where there is no microphone, or it may not be used. */
export async function record(): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = MP4.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  const parts: Blob[] = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.start(1000);
  return {
    async stop() {
      await new Promise((resolve) => {
        recorder.addEventListener("stop", resolve, { once: true });
        recorder.stop();
      });
      for (const track of stream.getTracks()) track.stop();
      const recorded = new Blob(parts, { type: recorder.mimeType });
      return mimeType
        ? { blob: new Blob([recorded], { type: "audio/mp4" }), extension: "m4a" }
        : await toWav(recorded);
    },
  };
}

async function toWav(recorded: Blob): Promise<Recording> {
  const context = new AudioContext();
  const decoded = await context.decodeAudioData(await recorded.arrayBuffer());
  await context.close();
  const offline = new OfflineAudioContext(1, Math.ceil(decoded.duration * WAV_RATE), WAV_RATE);
  const source = offline.createBufferSource();
  source.buffer = decoded;
  source.connect(offline.destination);
  source.start();
  const samples = (await offline.startRendering()).getChannelData(0);
  return { blob: new Blob([wavOf(samples, WAV_RATE)], { type: "audio/x-wav" }), extension: "wav" };
}

/** A WAV file of 16 bits and one channel. */
export function wavOf(samples: Float32Array, rate: number): ArrayBuffer {
  const bytes = samples.length * 2;
  const view = new DataView(new ArrayBuffer(44 + bytes));
  const text = (at: number, letters: string) => {
    for (const [index, letter] of [...letters].entries()) view.setUint8(at + index, letter.charCodeAt(0));
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, bytes, true);
  samples.forEach((sample, index) => {
    const loud = Math.max(-1, Math.min(1, sample));
    view.setInt16(44 + index * 2, Math.round(loud * 32767), true);
  });
  return view.buffer;
}
