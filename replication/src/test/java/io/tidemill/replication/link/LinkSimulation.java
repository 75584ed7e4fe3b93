package io.tidemill.replication.link;

import static io.tidemill.replication.link.SimulatedBroker.require;

import io.tidemill.replication.link.SimulatedBroker.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Brokers that talk over a {@link SimulatedWire}, in virtual time, by a seed: they send, stop reading, are started again, with and
 * without a farewell, and the wire does what it can. {@link SimulatedBroker} checks each message. In the end the wire is healed, and
 * everything that was taken must arrive, soon, and then there must be silence but for signs of life.
 */
final class LinkSimulation {
    private static final int STEPS = 2_500;
    private static final long KEEP_ALIVE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(600);
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);
    /** A healed wire carries windows of this size in less. */
    private static final long REST_NS_MAX = TimeUnit.SECONDS.toNanos(10);

    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(9);

    private final SplittableRandom random;
    private final SimulatedWire wire;
    private final LinkSettings settings;
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    /** Nobody is started again, stopped or blocked, and then no session may end. */
    private final boolean isCalm;

    /** Signs of life are so rare that none comes to the rescue of what is forgotten. */
    private final boolean isPatient;

    private int restarts;

    /** What a run came to, so that it is known that it saw something. */
    record Outcome(long received, int restarts, int disconnects, int calm) {}

    LinkSimulation(long seed) {
        this.random = new SplittableRandom(seed);
        int count = 2 + random.nextInt(2);
        boolean hasSecret = random.nextInt(4) == 0;
        this.isCalm = random.nextInt(3) == 0;
        int frameBytesMax = random.nextBoolean() ? 512 : 16 * 1024;
        this.wire = new SimulatedWire(random.split(), frameBytesMax);
        LinkSettings settings = new LinkSettings(
                16 * 1024, 16 * 1024 << random.nextInt(3), 256 + random.nextInt(256), KEEP_ALIVE_NS, TIMEOUT_NS);
        this.isPatient = isCalm && random.nextBoolean();
        if (isPatient) {
            settings = settings.withTimes(REST_NS_MAX, 3 * REST_NS_MAX);
        }
        this.settings = settings;
        // Time wraps in the course of some runs.
        wire.nowNs = Long.MAX_VALUE - random.nextLong(100 * STEPS * STEP_NS);
        wire.loss = pick(0, 0.01, 0.1, 0.3);
        wire.duplication = pick(0, 0.01, 0.3);
        wire.damage = pick(0, 0.01);
        wire.refusal = pick(0, 0.01, 0.2);
        wire.delayMinNs = random.nextLong(STEP_NS);
        wire.delayMaxNs = wire.delayMinNs + (long) pick(0, 0.1 * STEP_NS, 20 * STEP_NS);
        byte[] secret = hasSecret ? new byte[16] : null;
        for (int id = 1; id <= count; id++) {
            brokers.add(new SimulatedBroker(wire, settings, secret, random.split(), id, count));
        }
    }

    private double pick(double... values) {
        return values[random.nextInt(values.length)];
    }

    Outcome run() {
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        comeToRest();
        staySilent();
        long received = brokers.stream().mapToLong(broker -> broker.received).sum();
        int disconnects =
                brokers.stream().mapToInt(broker -> broker.disconnects).sum();
        require(!isCalm || disconnects == 0, "a session ended without a reason: disconnects=" + disconnects);
        return new Outcome(received, restarts, disconnects, isCalm ? 1 : 0);
    }

    private void step() {
        wire.nowNs += random.nextLong(STEP_NS / 2);
        int choice = random.nextInt(1_000);
        if (choice < 600) {
            poll(someBroker());
        } else if (choice < 900) {
            sendSome(someBroker());
        } else if (choice < 940) {
            for (SimulatedBroker broker : brokers) {
                poll(broker);
            }
        } else if (!isCalm) {
            disturb(choice);
        }
    }

    private void disturb(int choice) {
        SimulatedBroker broker = someBroker();
        if (choice < 945) {
            restarts++;
            broker.restart(random.nextBoolean());
        } else if (choice < 955) {
            SimulatedBroker other = someBroker();
            wire.block(broker.id, other.id);
            if (random.nextBoolean()) {
                wire.block(other.id, broker.id);
            }
        } else if (choice < 963) {
            wire.heal();
        } else if (choice < 970) {
            broker.isPaused = true;
        } else if (choice < 990) {
            broker.isPaused = false;
        } else if (choice < 992) {
            wire.nowNs += random.nextLong(2 * TIMEOUT_NS);
        } else if (choice == 992) {
            isolate(broker);
        }
    }

    /** Who is cut off, and looks, knows after the time-out; and so do the others. */
    private void isolate(SimulatedBroker broker) {
        brokers.forEach(each -> each.isPaused = false);
        for (SimulatedBroker other : brokers) {
            wire.block(broker.id, other.id);
            wire.block(other.id, broker.id);
        }
        pass(wire.delayMaxNs + TIMEOUT_NS + 10 * STEP_NS, STEP_NS);
        for (SimulatedBroker other : brokers) {
            boolean isDead = !broker.links.isConnected(other.id) && !other.links.isConnected(broker.id);
            require(isDead, "a dead peer is taken to be alive");
        }
    }

    private SimulatedBroker someBroker() {
        return brokers.get(random.nextInt(brokers.size()));
    }

    private void poll(SimulatedBroker broker) {
        if (!broker.isPaused) {
            broker.poll();
        }
    }

    private void sendSome(SimulatedBroker broker) {
        int peer = 1 + random.nextInt(brokers.size());
        if (peer == broker.id) {
            return;
        }
        int channel = random.nextInt(Links.CHANNELS);
        for (int left = random.nextInt(20); left > 0; left--) {
            int lengthMax = random.nextInt(50) == 0 ? settings.messageBytesMax(channel) : 300;
            broker.send(peer, channel, 1 + random.nextInt(lengthMax));
        }
        if (random.nextBoolean()) {
            broker.links.flush(wire.nowNs);
        }
    }

    private void comeToRest() {
        wire.heal();
        wire.loss = 0;
        wire.damage = 0;
        wire.refusal = 0;
        brokers.forEach(broker -> broker.isPaused = false);
        long startNs = wire.nowNs;
        // Where no sign of life helps, nothing else shall.
        boolean hasSentLast = isPatient;
        while (!hasSentLast || !isAllReceived()) {
            require(wire.nowNs - startNs < REST_NS_MAX, "it stalls: " + states());
            pass(STEP_NS);
            if (!hasSentLast && wire.nowNs - startNs > 2 * TIMEOUT_NS && isAllConnected()) {
                hasSentLast = true;
                for (SimulatedBroker from : brokers) {
                    for (SimulatedBroker to : brokers) {
                        for (int channel = 0; from != to && channel < Links.CHANNELS; channel++) {
                            from.send(to.id, channel, 100);
                        }
                    }
                }
            }
        }
    }

    private void pass(long ns, long stepNs) {
        for (long startNs = wire.nowNs; wire.nowNs - startNs < ns; ) {
            pass(stepNs);
        }
    }

    private void pass(long stepNs) {
        long idleNs = stepNs;
        for (SimulatedBroker broker : brokers) {
            broker.poll();
            idleNs = Math.min(idleNs, broker.links.idleNsMax(wire.nowNs));
        }
        wire.nowNs += Math.max(STEP_NS / 20, idleNs);
    }

    private boolean isAllConnected() {
        for (SimulatedBroker from : brokers) {
            for (SimulatedBroker to : brokers) {
                if (from != to && !from.links.isConnected(to.id)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isAllReceived() {
        for (SimulatedBroker from : brokers) {
            for (SimulatedBroker to : brokers) {
                if (from != to && !isAllReceived(from.connection(to.id), to.connection(from.id))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isAllReceived(@Nullable Connection from, @Nullable Connection to) {
        return from != null
                && to != null
                && (to.peerNumber == from.number || to.peerNumber == Connection.UNKNOWN)
                && to.received[Links.CONTROL] == from.sent[Links.CONTROL]
                && to.received[Links.DATA] == from.sent[Links.DATA];
    }

    /** Nothing is sent but signs of life and what is left of acknowledgements. */
    private void staySilent() {
        int disconnects =
                brokers.stream().mapToInt(broker -> broker.disconnects).sum();
        pass(TIMEOUT_NS, STEP_NS);
        long framesBefore = wire.sentFrames;
        pass(QUIET_NS, 20 * STEP_NS);
        int directions = brokers.size() * (brokers.size() - 1);
        long framesMax = directions * (QUIET_NS / settings.keepAliveNs() + 1);
        long frames = wire.sentFrames - framesBefore;
        require(frames <= framesMax, "not silent: frames=" + frames + ", framesMax=" + framesMax);
        require(
                disconnects
                        == brokers.stream()
                                .mapToInt(broker -> broker.disconnects)
                                .sum(),
                "a session ended though the wire was healed");
    }

    private String states() {
        StringBuilder states = new StringBuilder();
        for (SimulatedBroker from : brokers) {
            for (SimulatedBroker to : brokers) {
                Connection out = from.connection(to.id);
                Connection in = to.connection(from.id);
                if (from != to) {
                    states.append(from.id).append("->").append(to.id).append(' ');
                    states.append(out == null ? "none" : out.number + " sent " + out.sent[0] + "/" + out.sent[1]);
                    states.append(
                            in == null
                                    ? " none"
                                    : " heard " + in.peerNumber + " " + in.received[0] + "/" + in.received[1]);
                    states.append("; ");
                }
            }
        }
        return states.toString();
    }
}
