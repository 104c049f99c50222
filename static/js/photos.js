// Photos drawn smaller and upright on the device, before they are kept or sent. The place where one
// was taken goes along only when it is asked for.
(() => {
  "use strict";
  const SIDE = 1600;
  const QUALITY = 0.85;
  const MARK = 2; // the two bytes that open a JPEG
  const EXIF = 0xffe1;
  const SCAN = 0xffda;
  const ORIENTATION = 0x0112;
  const PLACE = 0x8825;

  // The photo as it is where this browser cannot read it: the server says what is wrong with it.
  async function lighter(photo) {
    try {
      const drawn = await redrawn(photo);
      const place = await placeOf(photo);
      const parts = place ? [drawn.slice(0, MARK), place, drawn.slice(MARK)] : [drawn];
      return new File(parts, photo.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch {
      return photo;
    }
  }

  async function redrawn(photo) {
    const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("not drawn"))), "image/jpeg", QUALITY);
    });
  }

  // Where the hidden data of a JPEG stands, as a view of its bytes; none if there is none.
  async function hiddenIn(photo) {
    const bytes = await photo.slice(0, 256 * 1024).arrayBuffer();
    const view = new DataView(bytes);
    if (view.getUint16(0) !== 0xffd8) return null;
    for (let at = MARK; at + 4 < view.byteLength && view.getUint16(at) !== SCAN; ) {
      const size = view.getUint16(at + 2) + 2;
      if (view.getUint16(at) === EXIF && view.getUint32(at + 4) === 0x45786966) return new DataView(bytes, at, size);
      at += size;
    }
    return null;
  }

  // The hidden data, if they say a place; and no longer that the picture is to be turned.
  async function placeOf(photo) {
    const hidden = await hiddenIn(photo).catch(() => null);
    if (!hidden) return null;
    const start = 10;
    const little = hidden.getUint16(start) === 0x4949;
    const list = start + hidden.getUint32(start + 4, little);
    let says = false;
    for (let n = 0; n < hidden.getUint16(list, little); n += 1) {
      const entry = list + 2 + 12 * n;
      const tag = hidden.getUint16(entry, little);
      if (tag === ORIENTATION) hidden.setUint16(entry + 8, 1, little);
      if (tag === PLACE) says = true;
    }
    return says ? hidden : null;
  }

  // What `lighter` gave, without the hidden data it may have kept.
  async function withoutPlace(photo) {
    const hidden = await hiddenIn(photo).catch(() => null);
    if (!hidden) return photo;
    const parts = [photo.slice(0, hidden.byteOffset), photo.slice(hidden.byteOffset + hidden.byteLength)];
    return new File(parts, photo.name, { type: photo.type });
  }

  window.couveusePhotos = { lighter, withoutPlace };
})();
