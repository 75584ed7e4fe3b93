/** What a broker tells of its work while it works: counters, the user's listener, and the JVM's flight recorder. */
@NullMarked
package io.tidemill.metrics;

import org.jspecify.annotations.NullMarked;
