import java.net.InetAddress;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.DefaultServlet;
import org.eclipse.jetty.servlet.ServletContextHandler;

/**
 * Serves Solr at http://127.0.0.1:PORT/solr until it is stopped.
 *
 * <p>Usage: java -Dsolr.solr.home=HOME -cp 'LIB/*' SolrServer.java PORT
 */
public class SolrServer {
  public static void main(String[] arguments) throws Exception {
    Server server = new Server();
    // SIGTERM closes the cores, so that the index is complete on disk.
    server.setStopAtShutdown(true);

    ServerConnector connector = new ServerConnector(server);
    connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    connector.setPort(Integer.parseInt(arguments[0]));
    server.addConnector(connector);

    ServletContextHandler solr = new ServletContextHandler(server, "/solr");
    solr.addEventListener(new CoreContainerProvider());
    solr.addFilter(SolrDispatchFilter.class, "/*", EnumSet.of(DispatcherType.REQUEST));
    // The filter answers everything, but is asked only where a servlet is.
    solr.addServlet(DefaultServlet.class, "/");

    server.start();
    server.join();
  }
}
