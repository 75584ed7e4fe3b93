/** Compression of batches: codecs, and the libraries behind them, which need not be there. */
@NullMarked
package io.tidemill.codec;

import org.jspecify.annotations.NullMarked;
