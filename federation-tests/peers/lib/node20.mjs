// Fedify is written for Node 22. Node 20 lacks one thing that its libraries call.
if (ArrayBuffer.prototype.transfer == null) {
  Object.defineProperty(ArrayBuffer.prototype, "transfer", {
    configurable: true,
    writable: true,
    value: function transfer(length = this.byteLength) {
      const moved = new Uint8Array(length);
      moved.set(new Uint8Array(this, 0, Math.min(length, this.byteLength)));
      // The original has to become unusable, as callers may count on it.
      structuredClone(this, { transfer: [this] });
      return moved.buffer;
    },
  });
}
