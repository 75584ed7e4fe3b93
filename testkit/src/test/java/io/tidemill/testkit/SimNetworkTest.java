package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** T03, the part of it that is the network's. */
final class SimNetworkTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final SimNetworkSettings PERFECT = SimNetworkSettings.perfect();

    private final ManualClock clock = new ManualClock();

    @Test
    void aPerfectNetworkKeepsTheOrder() {
        SimNetwork network = network(1, PERFECT);
        Transport sender = network.join(1);
        Transport receiver = network.join(2);

        sendNumbers(sender, 2, 100);

        assertEquals(IntStream.range(0, 100).boxed().toList(), drain(receiver));
    }

    @Test
    void losesAndDoublesAsOftenAsAsked() {
        int sent = 10_000;
        SimNetwork network =
                network(1, PERFECT.withLoss(0.3).withDuplication(0.2).withLimits(8, 2 * sent));
        Transport sender = network.join(1);
        Transport receiver = network.join(2);

        sendNumbers(sender, 2, sent);

        List<Integer> received = drain(receiver);
        int distinct = new HashSet<>(received).size();
        assertEquals(0.7, (double) distinct / sent, 0.03);
        assertEquals(0.2, (double) (received.size() - distinct) / distinct, 0.03);
    }

    @Test
    void framesArriveWithinTheDelayAndOvertakeEachOther() {
        SimNetwork network = network(1, PERFECT.withDelay(Duration.ofMillis(10), Duration.ofMillis(20)));
        Transport sender = network.join(1);
        Transport receiver = network.join(2);
        sendNumbers(sender, 2, 100);

        clock.advance(Duration.ofMillis(10).minusNanos(1));
        assertEquals(List.of(), drain(receiver));
        clock.advance(Duration.ofMillis(5));
        List<Integer> received = drain(receiver);
        assertTrue(received.size() > 20 && received.size() < 80);
        clock.advance(Duration.ofMillis(5).plusNanos(1));
        received.addAll(drain(receiver));

        assertNotEquals(IntStream.range(0, 100).boxed().toList(), received);
        assertEquals(
                IntStream.range(0, 100).boxed().toList(),
                received.stream().sorted().toList());
    }

    @Test
    void aFixedDelayKeepsTheOrderAlsoWhereNanosecondsWrap() {
        SimNetwork network = network(1, PERFECT.withDelay(Duration.ofSeconds(1), Duration.ofSeconds(1)));
        Transport sender = network.join(1);
        Transport receiver = network.join(2);

        long startNs = clock.nowNs();
        for (int step = 0; step < 200; step++) {
            send(sender, 2, step);
            clock.advance(Duration.ofMillis(100));
            assertEquals(step < 9 ? List.of() : List.of(step - 9), drain(receiver));
        }
        assertTrue(clock.nowNs() < startNs);
    }

    @Test
    void oneSeedGivesOneRun() {
        assertEquals(run(7), run(7));
        assertNotEquals(run(7), run(8));
    }

    private List<String> run(long seed) {
        ManualClock ownClock = new ManualClock();
        SimNetworkSettings settings =
                PERFECT.withLoss(0.2).withDuplication(0.2).withDelay(Duration.ZERO, Duration.ofMillis(5));
        SimNetwork network = new SimNetwork(new SplittableRandom(seed), ownClock, settings);
        List<Transport> transports =
                IntStream.range(0, 3).mapToObj(network::join).toList();
        List<String> trace = new ArrayList<>();
        for (int step = 0; step < 1_000; step++) {
            send(transports.get(step % 3), (step + 1 + step % 2) % 3, step);
            ownClock.advance(Duration.ofNanos(100_000));
            for (Transport transport : transports) {
                for (int number : drain(transport)) {
                    trace.add(step + ": " + number + " at " + transport.brokerId());
                }
            }
        }
        return trace;
    }

    @Test
    void blocksOneDirectionOnly() {
        SimNetwork network = network(1, PERFECT);
        Transport one = network.join(1);
        Transport two = network.join(2);
        Transport three = network.join(3);

        network.block(1, 2);
        send(one, 2, 10);
        send(one, 3, 11);
        send(two, 1, 12);
        assertEquals(List.of(), drain(two));
        assertEquals(List.of(11), drain(three));
        assertEquals(List.of(12), drain(one));

        network.unblock(1, 2);
        send(one, 2, 13);
        assertEquals(List.of(13), drain(two));
    }

    @Test
    void blocksALinkBothWaysUntilItIsUnblockedOrHealed() {
        SimNetwork network = network(1, PERFECT);
        Transport one = network.join(1);
        Transport two = network.join(2);
        List<Runnable> repairs = List.of(() -> network.unblockLink(2, 1), network::heal);
        for (Runnable repair : repairs) {
            network.blockLink(1, 2);
            send(one, 2, 10);
            send(two, 1, 11);
            assertEquals(List.of(), drain(one));
            assertEquals(List.of(), drain(two));

            repair.run();
            send(one, 2, 12);
            send(two, 1, 13);
            assertEquals(List.of(13), drain(one));
            assertEquals(List.of(12), drain(two));
        }
    }

    @Test
    void whatIsOnItsWayArrivesThroughABlock() {
        SimNetwork network = network(1, PERFECT.withDelay(Duration.ofMillis(5), Duration.ofMillis(5)));
        Transport one = network.join(1);
        Transport two = network.join(2);

        send(one, 2, 10);
        network.block(1, 2);
        clock.advance(Duration.ofMillis(5));

        assertEquals(List.of(10), drain(two));
    }

    @Test
    void aBlockDoesNotChangeTheFateOfOtherFrames() {
        List<List<Integer>> runs = new ArrayList<>();
        for (boolean block : new boolean[] {false, true}) {
            SimNetwork network = network(5, PERFECT.withLoss(0.5));
            Transport one = network.join(1);
            network.join(2);
            Transport three = network.join(3);
            if (block) {
                network.block(1, 2);
            }
            for (int number = 0; number < 100; number++) {
                send(one, 2, number);
                send(one, 3, number);
            }
            runs.add(drain(three));
        }

        assertEquals(runs.get(0), runs.get(1));
    }

    @Test
    void aFullQueueLosesWhatComesLast() {
        SimNetwork network = network(1, PERFECT.withLimits(8, 3));
        Transport one = network.join(1);
        Transport two = network.join(2);

        sendNumbers(one, 2, 5);

        assertEquals(List.of(0, 1, 2), drain(two));
        send(one, 2, 9);
        assertEquals(List.of(9), drain(two));
    }

    @Test
    void aBrokerThatComesBackGetsOnlyWhatIsSentAfterwards() {
        SimNetwork network = network(1, PERFECT);
        Transport one = network.join(1);
        Transport former = network.join(2);
        assertThrows(IllegalStateException.class, () -> network.join(2));

        send(one, 2, 10);
        former.close();
        assertTrue(send(one, 2, 11));
        Transport two = network.join(2);
        former.close();
        send(one, 2, 12);

        assertEquals(List.of(12), drain(two));
    }

    @Test
    void aHandlerMayCloseItsTransport() {
        SimNetwork network = network(1, PERFECT);
        Transport one = network.join(1);
        Transport two = network.join(2);
        sendNumbers(one, 2, 5);

        assertEquals(1, two.poll((from, buffer, index, length) -> two.close(), 5));
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        Duration millisecond = Duration.ofMillis(1);
        assertThrows(IllegalArgumentException.class, () -> PERFECT.withLoss(1.1));
        assertThrows(IllegalArgumentException.class, () -> PERFECT.withLoss(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> PERFECT.withDuplication(-0.1));
        assertThrows(IllegalArgumentException.class, () -> PERFECT.withDelay(millisecond, Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> PERFECT.withDelay(millisecond.negated(), millisecond));
        assertThrows(IllegalArgumentException.class, () -> PERFECT.withLimits(0, 1));
        assertThrows(IllegalArgumentException.class, () -> PERFECT.withLimits(1, 0));
    }

    private SimNetwork network(long seed, SimNetworkSettings settings) {
        return new SimNetwork(new SplittableRandom(seed), clock, settings);
    }

    private static void sendNumbers(Transport sender, int toBrokerId, int count) {
        for (int number = 0; number < count; number++) {
            send(sender, toBrokerId, number);
        }
    }

    private static boolean send(Transport sender, int toBrokerId, int number) {
        UnsafeBuffer frame = new UnsafeBuffer(new byte[Integer.BYTES]);
        frame.putInt(0, number);
        return sender.send(toBrokerId, frame, 0, Integer.BYTES);
    }

    private static List<Integer> drain(Transport receiver) {
        List<Integer> numbers = new ArrayList<>();
        receiver.poll((from, buffer, index, length) -> numbers.add(buffer.getInt(index)), Integer.MAX_VALUE);
        return numbers;
    }
}
