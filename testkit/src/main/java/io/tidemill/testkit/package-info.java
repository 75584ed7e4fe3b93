/** A cluster in one JVM for tests: virtual time, a simulated network, and faults on demand. One seed gives one run. */
@NullMarked
package io.tidemill.testkit;

import org.jspecify.annotations.NullMarked;
