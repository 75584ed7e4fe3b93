package io.tidemill.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Hosts with a network stack each, on a switch: network namespaces of Linux, which only root can make. Nothing of this machine's
 * own network is touched.
 */
final class NetworkNamespaces implements AutoCloseable {
    private static final int PORT = 7_400;
    private static final String BRIDGE = "switch";
    private static final String DEVICE = "eth0";

    private final String name = "tidemill-" + ProcessHandle.current().pid();
    private final List<String> namespaces = new ArrayList<>();
    private final Map<Integer, InetSocketAddress> members = new TreeMap<>();

    /** @param subnet of what addresses begin with, as "10.77.0." or "fd77::"; behind it comes the host's number */
    NetworkNamespaces(int hosts, String subnet) throws IOException {
        try {
            addNamespace(name);
            run("ip", "-n", name, "link", "add", BRIDGE, "type", "bridge");
            run("ip", "-n", name, "link", "set", BRIDGE, "up");
            for (int id = 1; id <= hosts; id++) {
                addHost(id, subnet + id);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void addHost(int id, String address) throws IOException {
        String host = host(id);
        addNamespace(host);
        members.put(id, new InetSocketAddress(address, PORT));
        run("ip", "-n", name, "link", "add", plug(id), "type", "veth", "peer", "name", DEVICE, "netns", host);
        run("ip", "-n", name, "link", "set", plug(id), "master", BRIDGE, "up");
        run("ip", "-n", host, "link", "set", "lo", "up");
        if (address.contains(":")) {
            run("ip", "-n", host, "addr", "add", address + "/64", "dev", DEVICE, "nodad");
        } else {
            run("ip", "-n", host, "addr", "add", address + "/24", "dev", DEVICE);
        }
        run("ip", "-n", host, "link", "set", DEVICE, "up");
    }

    private void addNamespace(String namespace) throws IOException {
        run("ip", "netns", "add", namespace);
        namespaces.add(namespace);
    }

    private String host(int id) {
        return name + "-" + id;
    }

    private static String plug(int id) {
        return "plug-" + id;
    }

    /** What starts a program on each host, and where all of them are. */
    Map<Integer, MemberProcess.Place> places() {
        Map<Integer, MemberProcess.Place> places = new TreeMap<>();
        members.keySet()
                .forEach(id ->
                        places.put(id, new MemberProcess.Place(List.of("ip", "netns", "exec", host(id)), members)));
        return places;
    }

    void unplug(int id) throws IOException {
        run("ip", "-n", name, "link", "set", plug(id), "down");
    }

    void plugIn(int id) throws IOException {
        run("ip", "-n", name, "link", "set", plug(id), "up");
    }

    /** What becomes of the packets that leave a host, as {@code tc-netem} has it. */
    void disturb(String... netem) throws IOException {
        for (int id : members.keySet()) {
            List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", host(id)));
            command.addAll(List.of("tc", "qdisc", "add", "dev", DEVICE, "root", "netem"));
            command.addAll(List.of(netem));
            run(command.toArray(String[]::new));
        }
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.onExit().join().exitValue();
        if (exitCode != 0) {
            throw new IOException(String.join(" ", command) + ": exitCode=" + exitCode + ", output=" + output.strip());
        }
    }

    /** With the namespaces goes everything that is in them. */
    @Override
    public void close() throws IOException {
        for (String namespace : namespaces) {
            run("ip", "netns", "del", namespace);
        }
    }
}
