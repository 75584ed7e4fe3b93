/** What ties Tidemill to the JVM that it runs in: access to the JDK's internals; internal, not for users. */
@NullMarked
package io.tidemill.runtime;

import org.jspecify.annotations.NullMarked;
