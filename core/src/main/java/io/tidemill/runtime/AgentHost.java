package io.tidemill.runtime;

import io.tidemill.spi.Parker;
import io.tidemill.spi.Threads;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.IdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives a broker's agents the threads that {@link Threads} asks for, or lends them those of the callers. */
public final class AgentHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentHost.class);

    /** How long a caller may sleep that lends its thread to agents which look for themselves whether there is something. */
    private static final long LOOK_NS = 1_000_000;

    private final Threads threads;
    private final boolean areAgentsSignalled;
    private final Wakeup sharedWakeup;
    private final List<Agent> agents = new CopyOnWriteArrayList<>();
    private final List<OwnThread> ownThreads = new CopyOnWriteArrayList<>();
    /** Held while a caller's thread runs the agents; a callback may come back in on the same thread. */
    private final ReentrantLock duty = new ReentrantLock();

    private volatile boolean closed;

    /**
     * With agents that are not signalled, or not for everything, their threads look for work in short intervals.
     *
     * @param sharedParker how a thread sleeps that runs all agents
     */
    public AgentHost(Threads threads, boolean areAgentsSignalled, Parker sharedParker) {
        this.threads = threads;
        this.areAgentsSignalled = areAgentsSignalled;
        this.sharedWakeup = new Wakeup(sharedParker);
    }

    /**
     * For an agent that is added later: what signals the thread that will run it.
     *
     * @param ownParker how that thread sleeps if it runs nothing else
     */
    public Wakeup newWakeup(Parker ownParker) {
        return threads.mode() == Threads.Mode.DEDICATED ? new Wakeup(ownParker) : sharedWakeup;
    }

    /** Starts agents, each with its wakeup, beside those that were started before. They are closed in this order. */
    public synchronized void start(List<Agent> started, List<Wakeup> wakeups) {
        if (closed) {
            return;
        }
        agents.addAll(started);
        switch (threads.mode()) {
            case DEDICATED -> {
                for (int i = 0; i < started.size(); i++) {
                    startThread(started.get(i), wakeups.get(i));
                }
            }
            case SHARED -> {
                if (ownThreads.isEmpty()) {
                    startThread(new SharedAgent(agents), sharedWakeup);
                }
            }
            case MANUAL -> {
                // the callers' threads are there already
            }
        }
    }

    private void startThread(Agent agent, Wakeup wakeup) {
        IdleStrategy idle = threads.idleStrategies() == null
                ? newIdleStrategy(agent, wakeup)
                : threads.idleStrategies().get();
        EndingAgent ending = new EndingAgent(agent);
        AgentRunner runner = new AgentRunner(idle, AgentHost::onError, null, ending);
        ownThreads.add(new OwnThread(ending, wakeup, runner, AgentRunner.startOnThread(runner, threads.factory())));
    }

    private IdleStrategy newIdleStrategy(Agent agent, Wakeup wakeup) {
        return areAgentsSignalled
                ? ParkingIdleStrategy.signalled(wakeup, () -> idleNsMax(agent))
                : ParkingIdleStrategy.looking(wakeup);
    }

    private static long idleNsMax(Agent agent) {
        return agent instanceof TimedAgent timed ? timed.idleNsMax() : Long.MAX_VALUE;
    }

    private static long idleNsMax(List<Agent> agents) {
        long min = Long.MAX_VALUE;
        for (Agent agent : agents) {
            min = Math.min(min, idleNsMax(agent));
        }
        return min;
    }

    private static void onError(Throwable error) {
        if (error instanceof AgentTerminationException termination && termination.getCause() != null) {
            LOG.error("agent stopped", termination.getCause());
        } else {
            LOG.error("agent failed", error);
        }
    }

    /** Whether the agents run on the callers' threads. */
    public boolean isManual() {
        return threads.mode() == Threads.Mode.MANUAL;
    }

    /** Starts a thread beside the agents', for work of the user's; who asked for it ends it. */
    public void startThread(String name, Runnable work) {
        if (isManual()) {
            throw new IllegalStateException("the broker is to have no threads: mode=" + threads.mode() + ", thread="
                    + name + "; do the work on a thread of the caller's");
        }
        Thread thread = threads.factory().newThread(work);
        thread.setName(name);
        thread.start();
    }

    /** Runs one duty cycle of every agent if that is up to the callers, and no other of them is at it. */
    public int help() {
        if (!isManual() || closed || !duty.tryLock()) {
            return 0;
        }
        try {
            // Not by Agrona's invoker: an interrupt of this one caller would stop it for all others.
            int work = 0;
            for (Agent agent : agents) {
                work += agent.doWork();
            }
            return work;
        } catch (AgentTerminationException e) {
            onError(e);
            return 0;
        } catch (Exception e) {
            throw new IllegalStateException("agent failed", e);
        } finally {
            duty.unlock();
        }
    }

    /** How long a caller may sleep before it has to {@link #help} again. */
    public long callerParkNsMax() {
        if (!isManual()) {
            return Long.MAX_VALUE;
        }
        return areAgentsSignalled ? idleNsMax(agents) : LOOK_NS;
    }

    /** Whether the calling thread is one of the broker's own: what it waits for there, nobody does. */
    public boolean isOwnThread() {
        return ownThreads.stream().anyMatch(own -> own.thread() == Thread.currentThread());
    }

    /** Whether the caller is a callback, on the broker's own thread or on one that was lent to it. */
    public boolean isInsideCallback() {
        return isOwnThread() || duty.isHeldByCurrentThread();
    }

    public boolean isClosed() {
        return closed;
    }

    /** Ends the threads and closes the agents. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (isManual()) {
            duty.lock();
            try {
                agents.forEach(AgentHost::closeAgent);
            } finally {
                duty.unlock();
            }
        } else {
            ownThreads.forEach(OwnThread::end);
        }
    }

    /** An interrupt ends the wait, and stays set: the thread ends all the same, and has nothing to do any more. */
    public static void awaitEnd(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeAgent(Agent agent) {
        try {
            agent.onClose();
        } catch (Exception e) {
            onError(e);
        }
    }

    /** All of them on one thread, one after the other; whoever fails holds up those behind him for a cycle only. */
    private static final class SharedAgent implements TimedAgent {
        private final List<Agent> agents;
        private int next;

        SharedAgent(List<Agent> agents) {
            this.agents = agents;
        }

        @Override
        public int doWork() throws Exception {
            int work = 0;
            while (next < agents.size()) {
                work += agents.get(next++).doWork();
            }
            next = 0;
            return work;
        }

        @Override
        public long idleNsMax() {
            return AgentHost.idleNsMax(agents);
        }

        @Override
        public void onClose() {
            agents.forEach(AgentHost::closeAgent);
        }

        @Override
        public String roleName() {
            return "tidemill";
        }
    }

    /** A thread of the broker, and what it takes to end it. */
    private record OwnThread(EndingAgent agent, Wakeup wakeup, AgentRunner runner, Thread thread) {
        void end() {
            agent.end();
            wakeup.signal();
            // Without a time-out: that would interrupt the thread, and thereby close the files it writes.
            runner.close(0, waited -> LOG.warn("still waiting for a thread to end: {}", waited.getName()));
            // A runner that was closed before its thread ran does not know of it.
            awaitEnd(thread);
        }
    }

    /** What Agrona's runner runs, which on its own ends by an interrupt, and wakes nobody who is to end. */
    private static final class EndingAgent implements Agent {
        private final Agent agent;
        private volatile boolean isEnding;

        EndingAgent(Agent agent) {
            this.agent = agent;
        }

        /** From now on its thread does not sleep. */
        void end() {
            isEnding = true;
        }

        @Override
        public int doWork() throws Exception {
            int work = agent.doWork();
            if (work > 0) {
                // A callback that interrupts its thread must not stop it.
                Thread.interrupted();
            }
            return isEnding ? work + 1 : work;
        }

        @Override
        public void onClose() {
            agent.onClose();
        }

        @Override
        public String roleName() {
            return agent.roleName();
        }
    }
}
